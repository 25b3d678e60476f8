import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';

const POLL_MS = 150;

/** A lock held until `release` is called or the process ends. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path` for this process, or says who holds it. A lock whose holder no longer runs is taken over.
 * Its folder must exist.
 */
export async function tryLock(path: string): Promise<FileLock | ProcessIdentity> {
  const self = await identifyProcess(process.pid);
  if (self === undefined) throw new Error(`cannot identify this process (pid ${process.pid})`);
  const candidate = `${path}.${randomUUID()}`;
  await writeFile(candidate, JSON.stringify(self), { mode: 0o600 });
  try {
    return await claim({ path, candidate, self });
  } finally {
    await rm(candidate, { force: true });
  }
}

/** As `tryLock`, but waits for the holder; `onWait` is called once with the holder that is waited for. */
export async function waitForLock(request: {
  readonly path: string;
  readonly onWait: (holder: ProcessIdentity) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<FileLock> {
  let told = false;
  for (;;) {
    const outcome = await tryLock(request.path);
    if ('release' in outcome) return outcome;
    if (!told) request.onWait(outcome);
    told = true;
    await delay(POLL_MS, undefined, request.signal ? { signal: request.signal } : {});
  }
}

async function claim(request: {
  readonly path: string;
  readonly candidate: string;
  readonly self: ProcessIdentity;
}): Promise<FileLock | ProcessIdentity> {
  for (;;) {
    // link(2) fails when the name exists and never shows a half-written file.
    if (await linked(request.candidate, request.path)) return heldLock(request.path, request.self);
    const holder = await readHolder(request.path);
    if (holder === 'gone') continue;
    if (holder !== 'unreadable' && (await isRunning(holder))) return holder;
    await removeStale(request.path, holder);
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved away before it is judged again, so that two processes clearing one stale lock never remove the winner's new one. */
async function removeStale(path: string, seen: ProcessIdentity | 'unreadable'): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  const isAnother = JSON.stringify(moved) !== JSON.stringify(seen);
  if (isAnother) await linked(aside, path);
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<ProcessIdentity | 'gone' | 'unreadable'> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isIdentity(value) ? value : 'unreadable';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value;
}

function heldLock(path: string, self: ProcessIdentity): FileLock {
  return {
    async release() {
      const holder = await readHolder(path);
      if (typeof holder === 'object' && holder.pid === self.pid && holder.startedAt === self.startedAt) {
        await rm(path, { force: true });
      }
    },
  };
}
