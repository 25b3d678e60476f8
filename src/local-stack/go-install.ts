import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Environment } from '../config.js';
import type { BinarySpec } from './binary-spec.js';
import { waitForLock } from './file-lock.js';
import { searchPath } from './search-path.js';

const REPORT_EVERY_MS = 1_000;
const ERROR_TAIL_LINES = 8;
/** Linking the Temporal CLI alone takes about 3 GB; below this, two builds run one after the other. */
const PARALLEL_MEMORY_BYTES = 12e9;
const PARALLEL_CORES = 4;

/** What to build and where to put it. */
export interface GoInstallRequest {
  readonly spec: BinarySpec;
  readonly environment: Environment;
  readonly folder: string;
  /** Where builds of this user take turns on a small machine. */
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

/**
 * Builds a program with `go install`, whose sources are verified by Go's checksum database, into `folder`. Takes minutes once.
 * @throws Error with a reason fit for a list of attempts
 */
export async function goInstall(request: GoInstallRequest): Promise<void> {
  const { environment, folder, spec, signal } = request;
  const go = await searchPath('go', environment);
  if (go === undefined) throw new Error('Go is not on PATH');
  const isRoomy = availableParallelism() >= PARALLEL_CORES && totalmem() >= PARALLEL_MEMORY_BYTES;
  const turn = isRoomy
    ? undefined
    : await waitForLock({
        path: join(request.cache, 'go-build.lock'),
        onWait: () => request.onProgress(`${spec.name}: waiting for another build to finish`),
        signal,
      });
  const bin = await mkdtemp(join(folder, 'go-bin-'));
  try {
    await build({ ...request, go, bin });
    await rename(join(bin, spec.name), join(folder, spec.name));
  } finally {
    await rm(bin, { recursive: true, force: true });
    await turn?.release();
  }
}

async function build(request: GoInstallRequest & { readonly go: string; readonly bin: string }): Promise<void> {
  const { spec, environment, go, bin, signal } = request;
  const child = spawn(go, ['install', '-v', '-trimpath', `-ldflags=${spec.goLinkerFlags}`, spec.goPackage], {
    // Outside any module, so that a go.mod or go.work nearby has no say.
    cwd: tmpdir(),
    // A program for another platform is not wanted, and Go refuses GOBIN with it.
    env: { ...environment, GOBIN: bin, CGO_ENABLED: '0', GOOS: undefined, GOARCH: undefined, GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const report = startReport(request);
  const tail: string[] = [];
  try {
    const exited = once(child, 'close');
    exited.catch(() => undefined);
    for await (const line of createInterface({ input: child.stderr })) {
      if (!report.see(line)) tail.push(line);
      if (tail.length > ERROR_TAIL_LINES) tail.shift();
    }
    const [code, killedBy] = await exited;
    if (code !== 0) throw new Error(`${killedBy ?? `exit code ${code}`}\n${tail.join('\n')}`);
  } finally {
    report.end();
  }
}

/** `go install -v` prints a line for each module fetched ("go: downloading ...") and each package compiled (its path). */
function startReport(request: GoInstallRequest) {
  const { spec, onProgress } = request;
  const startedAt = performance.now();
  let fetched = 0;
  let compiled = 0;
  let doing = 'starting';
  const say = () => onProgress(`building ${spec.name} with Go, once: ${elapsed(startedAt)}, ${doing}`);
  say();
  const timer = setInterval(say, REPORT_EVERY_MS);
  const see = (line: string): boolean => {
    const module = /^go: downloading (\S+)/.exec(line)?.[1];
    if (module !== undefined) {
      fetched += 1;
      doing = `fetching modules (${fetched}: ${module})`;
      return true;
    }
    if (!/^[\w.\-/~]+$/.test(line)) return false;
    compiled += 1;
    doing = `compiling (${compiled} of about ${Math.max(spec.goPackages, compiled)} packages: ${line})`;
    return true;
  };
  return { see, end: () => clearInterval(timer) };
}

function elapsed(since: number): string {
  const seconds = Math.round((performance.now() - since) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
