import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, isAlive } from './process-table.js';

/** What a running postmaster says about itself in `postmaster.pid` (PostgreSQL source, miscadmin.h LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDir: string;
  readonly port: number;
  /** `starting`, `ready`, `stopping` or `standby`. */
  readonly status: string;
}

/** Reads the postmaster's file; undefined when there is none or it is not written completely yet. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(dataDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || lines[1] === undefined) return undefined;
  return { pid, dataDir: lines[1], port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() };
}

/**
 * Stops a postmaster that outlived the process which started it. Does nothing when there is none. A process that merely got the
 * same number after a reboot is left alone, and the file removed. The file of a postmaster that was killed stays: by it PostgreSQL
 * finds sessions that outlived it. Throws when the postmaster does not end within `timeoutMs`.
 */
export async function stopOrphan(dataDir: string, timeoutMs = 15_000): Promise<'none' | 'stopped'> {
  const file = await readPostmasterFile(dataDir);
  if (file === undefined) return 'none';
  if (!isAlive(file.pid)) return 'none';
  if (!(await isPostmasterOf(file.pid, dataDir))) {
    await rm(path.join(dataDir, 'postmaster.pid'), { force: true });
    return 'none';
  }
  // Fast shutdown first; immediate shutdown (crash recovery at the next start) when a session does not end.
  signal(file.pid, 'SIGINT');
  const deadline = Date.now() + timeoutMs;
  for (let round = 0; isAlive(file.pid); round += 1) {
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL (pid ${file.pid}) in ${dataDir} does not stop: end it by hand.`);
    if (round === 100) signal(file.pid, 'SIGQUIT');
    await delay(50);
  }
  return 'stopped';
}

/** Its own guard may have ended it meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isPostmasterOf(pid: number, dataDir: string): Promise<boolean> {
  const command = await commandLine(pid);
  return command === undefined || (command.includes('postgres') && command.includes(dataDir));
}
