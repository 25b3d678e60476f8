import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processIdentity } from '../engine/process-table.js';
import { SetupError } from '../engine/setup-error.js';

/** A state folder that belongs to this process until it is released. */
export interface StateFolder {
  release(): void;
}

/**
 * Makes the state folder if need be and takes its lock, so that no second process works on it. The lock of a process that is gone
 * is taken over. Throws SetupError when the folder cannot be used, naming who holds it.
 */
export async function claimStateFolder(folder: string): Promise<StateFolder> {
  const lock = path.join(folder, 'lock');
  try {
    makeFolder(folder);
    if (!statSync(folder).isDirectory())
      throw new SetupError(`${folder} is not a folder. Choose another one with --state.`);
    await takeLock(folder, lock);
  } catch (error) {
    throw explained(folder, error);
  }
  return { release: () => rmSync(lock, { force: true }) };
}

/** Step by step: where nothing can be created, as below /proc, Node's recursive mkdir never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder, { mode: 0o711 });
}

async function takeLock(folder: string, lock: string): Promise<void> {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${await processIdentity(process.pid)}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (linked(mine, lock)) return;
      const holder = await holderOf(lock);
      if (holder !== undefined) {
        throw new SetupError(
          `Another redshift-local (pid ${holder}) works on ${folder}. Stop it (kill ${holder}), or choose another folder with --state.`,
        );
      }
      // Renaming lets only one of several newcomers take a stale lock away.
      renameSync(lock, `${mine}.stale`);
    }
  } finally {
    for (const file of [mine, `${mine}.stale`]) rmSync(file, { force: true });
  }
  throw new SetupError(
    `Could not lock ${folder}: other processes are starting on it. Choose another folder with --state.`,
  );
}

/** A link appears with its content, or not at all. */
function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; undefined when it is gone, even if another one has its number by now. */
async function holderOf(lock: string): Promise<number | undefined> {
  const identity = readFileSync(lock, 'utf8').trim();
  const pid = Number(identity.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return (await processIdentity(pid)) === identity ? pid : undefined;
}

function explained(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'no permission',
    EPERM: 'no permission',
    ENOENT: 'nothing can be created there',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'it is a file',
  };
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  return new SetupError(`The state folder ${folder} cannot be used: ${reason}. Choose another one with --state.`, {
    cause: error,
  });
}
