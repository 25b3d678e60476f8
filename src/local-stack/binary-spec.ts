/** A place where a published build of a program can be fetched. */
export interface ReleaseSource {
  /** A gzipped tar archive that holds the program, at any depth, under its own name. */
  readonly archiveUrl: string;
  /** Lines of `sha256  file name`, as the release publishes them; absent when only TLS vouches for the archive. */
  readonly checksumsUrl?: string;
}

/** A program that the local stack runs, and the ways to come by it. */
export interface BinarySpec {
  /** Name of the executable. */
  readonly name: string;
  /** What it is, for messages. */
  readonly title: string;
  /** The release this project is tested with, which is what gets downloaded or built. */
  readonly version: string;
  /** The oldest version accepted from PATH, compared with what `parseVersion` finds. */
  readonly minimumVersion: string;
  /** Finds the deciding version in the output of `--version`; undefined when the build does not know it. */
  readonly parseVersion: (output: string) => string | undefined;
  /** Published builds for this machine, tried in order; empty when there are none for its platform. */
  readonly releases: readonly ReleaseSource[];
  readonly goPackage: string;
  readonly goLinkerFlags: string;
  /** How many packages `go install` compiles from nothing, for its progress; roughly. */
  readonly goPackages: number;
  /** How a person installs it. */
  readonly byHand: string;
}

/** Compares dotted versions number by number; a pre-release suffix is not looked at. */
export function isAtLeast(version: string, minimum: string): boolean {
  const ours = numbers(version);
  const theirs = numbers(minimum);
  for (let index = 0; index < 3; index += 1) {
    const difference = (ours[index] ?? 0) - (theirs[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.split(/[-+]/)[0] ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0);
}
