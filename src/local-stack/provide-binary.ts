import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../config.js';
import { createFolder } from '../create-folder.js';
import { type BinarySpec, isAtLeast, type ReleaseSource } from './binary-spec.js';
import { cacheDirectory } from './cache-directory.js';
import { downloadRelease } from './download-release.js';
import { waitForLock } from './file-lock.js';
import { goInstall } from './go-install.js';
import { LocalStackError } from './local-stack-error.js';
import { isExecutable, searchPath } from './search-path.js';

const run = promisify(execFile);
const VERSION_WITHIN_MS = 20_000;

/** A program that was found or brought. */
export interface ProvidedBinary {
  readonly path: string;
  readonly origin: 'PATH' | 'cache' | 'download' | 'go install';
}

/** One way that did not work, for the message that lists them all. */
interface Attempt {
  readonly way: string;
  readonly reason: string;
}

/** How to come by a program. */
export interface ProvideRequest {
  readonly spec: BinarySpec;
  readonly environment: Environment;
  /** Where to download from; an empty list switches downloading off. @default the release's own addresses */
  readonly releases?: readonly ReleaseSource[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string, ongoing: boolean) => void;
}

/** Looks on PATH, then in the cache, and brings nothing. */
export async function findBinary(request: ProvideRequest): Promise<ProvidedBinary | undefined> {
  return find(request, []);
}

/**
 * Finds a program on PATH or in the cache; else downloads a release build into the cache, else builds it there with Go. Two
 * processes never bring the same one twice: the second waits for the first.
 * @throws LocalStackError binary-unavailable listing every way tried, why it failed, and how to install it by hand
 */
export async function provideBinary(request: ProvideRequest): Promise<ProvidedBinary> {
  const { spec, environment, signal } = request;
  const attempts: Attempt[] = [];
  const found = await find(request, attempts);
  if (found !== undefined) return found;
  await makeCache(cacheDirectory(environment));
  const lock = await waitForLock({
    path: `${cachedFolder(request)}.lock`,
    onWait: ({ pid }) => request.onProgress?.(`waiting for process ${pid}, which is installing ${spec.name}`, true),
    signal,
  });
  try {
    return (await findInCache(request, [])) ?? (await bring(request, attempts));
  } finally {
    await lock.release();
  }
}

async function find(request: ProvideRequest, attempts: Attempt[]): Promise<ProvidedBinary | undefined> {
  return (await findOnPath(request, attempts)) ?? (await findInCache(request, attempts));
}

async function findOnPath(request: ProvideRequest, attempts: Attempt[]): Promise<ProvidedBinary | undefined> {
  const { spec, environment } = request;
  const path = await searchPath(spec.name, environment);
  if (path === undefined) {
    attempts.push({ way: 'on PATH', reason: `no ${spec.name}` });
    return undefined;
  }
  const problem = await versionProblem(spec, path);
  if (problem === undefined) return { path, origin: 'PATH' };
  attempts.push({ way: `on PATH (${path})`, reason: problem });
  request.onProgress?.(`${path} is not used: ${problem}`, false);
  return undefined;
}

async function findInCache(request: ProvideRequest, attempts: Attempt[]): Promise<ProvidedBinary | undefined> {
  const path = join(cachedFolder(request), request.spec.name);
  if (await isExecutable(path)) return { path, origin: 'cache' };
  attempts.push({ way: `in the cache (${cachedFolder(request)})`, reason: 'not there' });
  return undefined;
}

async function bring(request: ProvideRequest, attempts: Attempt[]): Promise<ProvidedBinary> {
  const { spec, signal } = request;
  const staging = await mkdtemp(`${cachedFolder(request)}.new-`);
  try {
    for (const way of waysToBring(request, staging)) {
      signal?.throwIfAborted();
      try {
        await way.bring();
        return { path: await install(request, staging), origin: way.origin };
      } catch (error) {
        signal?.throwIfAborted();
        attempts.push({ way: way.name, reason: error instanceof Error ? error.message : String(error) });
        request.onProgress?.(`${way.name}: ${attempts.at(-1)?.reason.split('\n')[0]}`, false);
      }
    }
    throw unavailable(spec, attempts);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function waysToBring(request: ProvideRequest, folder: string) {
  const { spec, environment, signal } = request;
  const onProgress = (message: string) => request.onProgress?.(message, true);
  const releases = request.releases ?? spec.releases;
  return [
    ...releases.map((source) => ({
      name: `download ${source.archiveUrl}`,
      origin: 'download' as const,
      bring: () => downloadRelease({ source, name: spec.name, folder, signal, onProgress }),
    })),
    {
      name: `go install ${spec.goPackage}`,
      origin: 'go install' as const,
      bring: () => goInstall({ spec, environment, folder, cache: cacheDirectory(environment), signal, onProgress }),
    },
  ];
}

/** Checks that the program runs, then puts its folder in place in one step, so that nobody ever sees half of it. */
async function install(request: ProvideRequest, staging: string): Promise<string> {
  const { spec } = request;
  const staged = join(staging, spec.name);
  await chmod(staged, 0o755);
  await chmod(staging, 0o755);
  const problem = await versionProblem(spec, staged);
  if (problem !== undefined) throw new Error(problem);
  await rm(cachedFolder(request), { recursive: true, force: true });
  await rename(staging, cachedFolder(request));
  request.onProgress?.(`${spec.name} ${spec.version} is in ${cachedFolder(request)}`, false);
  return join(cachedFolder(request), spec.name);
}

/** A build that does not know its version is taken. */
async function versionProblem(spec: BinarySpec, path: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: VERSION_WITHIN_MS });
    const version = spec.parseVersion(`${stdout}\n${stderr}`);
    if (version === undefined || isAtLeast(version, spec.minimumVersion)) return undefined;
    return `version ${version} is older than ${spec.minimumVersion}`;
  } catch (error) {
    return `\`${path} --version\` failed: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

function unavailable(spec: BinarySpec, attempts: readonly Attempt[]): LocalStackError {
  const tried = attempts.map(({ way, reason }) => `  - ${way}: ${reason.replaceAll('\n', '\n    ')}`).join('\n');
  return new LocalStackError(
    'binary-unavailable',
    `${spec.name} ${spec.version} (${spec.title}) is needed and could not be brought:\n${tried}\n${spec.byHand}`,
  );
}

function cachedFolder(request: ProvideRequest): string {
  const { name, version } = request.spec;
  return join(cacheDirectory(request.environment), `${name}-v${version}-${process.platform}-${process.arch}`);
}

async function makeCache(folder: string): Promise<void> {
  try {
    await createFolder(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The cache folder ${folder} cannot be made: ${reason}. Give another with STARSHIFT_CACHE_DIR.`;
    throw new LocalStackError('state-unusable', message, { cause });
  }
}
