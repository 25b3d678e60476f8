import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandLine, isAlive } from '../engine/process-table.js';
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
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    if (!statSync(folder).isDirectory())
      throw new SetupError(`${folder} is not a folder. Choose another one with --state.`);
    await takeLock(folder, lock);
  } catch (error) {
    throw explained(folder, error);
  }
  return { release: () => rmSync(lock, { force: true }) };
}

async function takeLock(folder: string, lock: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(lock, 'utf8'));
    if (await isOurProgram(holder)) {
      throw new SetupError(
        `Another redshift-local (pid ${holder}) works on ${folder}. Stop it (kill ${holder}), or choose another folder with --state.`,
      );
    }
    // Renaming lets only one of several newcomers take a stale lock away.
    const stale = `${lock}.stale-${process.pid}`;
    renameSync(lock, stale);
    rmSync(stale);
  }
  throw new SetupError(
    `Could not lock ${folder}: other processes are starting on it. Choose another folder with --state.`,
  );
}

/** After a reboot the number may belong to any program. */
async function isOurProgram(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return false;
  const command = await commandLine(pid);
  return command === undefined || command.includes('redshift-local');
}

function explained(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'no permission',
    EPERM: 'no permission',
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
