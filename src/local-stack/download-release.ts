import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extract } from 'tar';
import type { ReleaseSource } from './binary-spec.js';

/** Offline machines get to the next way quickly. */
const ANSWER_WITHIN_MS = 8_000;
const STALL_MS = 20_000;
const REPORT_EVERY_MS = 500;
const MEGABYTE = 1_000_000;

/** What to fetch and where to put it. */
export interface DownloadRequest {
  readonly source: ReleaseSource;
  /** Name of the program inside the archive and in `folder`. */
  readonly name: string;
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

/**
 * Downloads a release archive, verifies its SHA-256 against the release's own list, and puts the program into `folder`.
 * @throws Error with a reason fit for a list of attempts
 */
export async function downloadRelease(request: DownloadRequest): Promise<void> {
  const { source, folder, name } = request;
  request.onProgress(`downloading ${source.archiveUrl}`);
  const expected = source.checksumsUrl === undefined ? undefined : await readChecksum(request, source.checksumsUrl);
  const work = await mkdtemp(join(folder, 'download-'));
  try {
    const archive = join(work, 'archive.tar.gz');
    const actual = await fetchFile(request, archive);
    if (expected !== undefined && actual !== expected) {
      throw new Error(`the archive's SHA-256 is ${actual}, its release says ${expected}: not used`);
    }
    await extract({ file: archive, cwd: work, filter: (path) => basename(path) === name });
    const program = (await readdir(work, { recursive: true })).find((path) => basename(path) === name);
    if (program === undefined) throw new Error(`the archive holds no ${name}`);
    await copyFile(join(work, program), join(folder, name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function readChecksum(request: DownloadRequest, url: string): Promise<string> {
  const patience = startPatience(request.signal);
  try {
    const text = await (await get(url, patience)).text();
    const archive = basename(new URL(request.source.archiveUrl).pathname);
    const line = text.split('\n').find((candidate) => candidate.trim().endsWith(archive));
    const sum = line?.trim().split(/\s+/)[0]?.toLowerCase();
    if (sum === undefined || !/^[0-9a-f]{64}$/.test(sum)) throw new Error(`${url} does not list ${archive}`);
    return sum;
  } finally {
    patience.end();
  }
}

/** @returns the SHA-256 of what was written, in hexadecimal */
async function fetchFile(request: DownloadRequest, path: string): Promise<string> {
  const patience = startPatience(request.signal);
  const hash = createHash('sha256');
  const file = createWriteStream(path);
  try {
    const response = await get(request.source.archiveUrl, patience);
    const totalBytes = Number(response.headers.get('content-length') ?? 0);
    let doneBytes = 0;
    let reportedAt = 0;
    for await (const chunk of response.body ?? []) {
      patience.extend(STALL_MS);
      hash.update(chunk);
      if (!file.write(chunk)) await once(file, 'drain');
      doneBytes += chunk.byteLength;
      if (performance.now() - reportedAt < REPORT_EVERY_MS) continue;
      reportedAt = performance.now();
      request.onProgress(
        `downloading ${request.name}: ${megabytes(doneBytes)}${totalBytes > 0 ? ` of ${megabytes(totalBytes)}` : ''} MB`,
      );
    }
    return hash.digest('hex');
  } finally {
    patience.end();
    await new Promise<void>((resolve) => file.end(() => resolve()));
  }
}

async function get(url: string, patience: Patience): Promise<Response> {
  try {
    const response = await fetch(url, { signal: patience.signal, redirect: 'follow' });
    if (!response.ok) throw new Error(`HTTP ${response.status} from ${new URL(response.url || url).host}`);
    return response;
  } catch (error) {
    throw new Error(describe(error), { cause: error });
  }
}

/** fetch says only "fetch failed"; its cause knows why. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === 'fetch failed' && error.cause instanceof Error ? error.cause.message : error.message;
}

interface Patience {
  readonly signal: AbortSignal;
  extend(ms: number): void;
  end(): void;
}

function startPatience(outer: AbortSignal | undefined): Patience {
  const controller = new AbortController();
  let timer: NodeJS.Timeout;
  const extend = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(new Error(`no answer for ${ms / 1_000} s`)), ms);
  };
  extend(ANSWER_WITHIN_MS);
  const signal = outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal]);
  return { signal, extend, end: () => clearTimeout(timer) };
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(0);
}
