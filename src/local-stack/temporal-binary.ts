import type { BinarySpec, ReleaseSource } from './binary-spec.js';

const VERSION = '1.5.1';

/** Names of Temporal's release archives. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The Temporal CLI, whose `server start-dev` is the local Temporal; versions compared are those of the server inside. */
export const TEMPORAL_BINARY: BinarySpec = {
  name: 'temporal',
  title: 'the Temporal CLI',
  version: VERSION,
  // Older servers were not tried with this project.
  minimumVersion: '1.29.0',
  parseVersion: (output) => /Server (\d+\.\d+\.\d+)/.exec(output)?.[1],
  releases: releases(process.platform, process.arch),
  goPackage: `github.com/temporalio/cli/cmd/temporal@v${VERSION}`,
  goLinkerFlags: `-s -w -X github.com/temporalio/cli/temporalcli.Version=${VERSION}`,
  goPackages: 1_200,
  byHand:
    'Install the Temporal CLI (https://docs.temporal.io/cli#install, for example `brew install temporal`) so that `temporal` is on PATH; or install Go (https://go.dev/dl) and try again; or set TEMPORAL_ADDRESS to a Temporal that already runs.',
};

function releases(platform: string, architecture: string): readonly ReleaseSource[] {
  const os = PLATFORMS[platform];
  const arch = ARCHITECTURES[architecture];
  if (os === undefined || arch === undefined) return [];
  const folder = `https://github.com/temporalio/cli/releases/download/v${VERSION}`;
  return [
    { archiveUrl: `${folder}/temporal_cli_${VERSION}_${os}_${arch}.tar.gz`, checksumsUrl: `${folder}/checksums.txt` },
    { archiveUrl: `https://temporal.download/cli/archive/v${VERSION}?platform=${os}&arch=${arch}` },
  ];
}
