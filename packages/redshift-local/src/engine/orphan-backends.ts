import { readdir, readlink } from 'node:fs/promises';
import { commandLine } from './process-table.js';

/**
 * Ends sessions of a PostgreSQL whose postmaster was killed. They end by themselves when they come to wait for something, but not
 * in the midst of a computation, and no server starts in their data folder before. On systems without /proc they are waited for.
 */
export async function endOrphanBackends(dataDir: string): Promise<void> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  await Promise.all(pids.map((pid) => endOrphan(pid, dataDir)));
}

async function endOrphan(pid: number, dataDir: string): Promise<void> {
  // Every process of a server works in its data folder.
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (folder !== dataDir || (await commandLine(pid))?.startsWith('postgres:') !== true) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
