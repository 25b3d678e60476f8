import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process that a recycled pid cannot be mistaken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: when the process started, as the operating system tells it. */
  readonly startedAt: string;
}

/** The identity of a running process; undefined when there is none with that pid (or only its zombie). */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await psStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** true when exactly this process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startedAt === identity.startedAt;
}

/** The command line of a process, for messages; undefined when it cannot be read. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const raw = await readOrUndefined(`/proc/${pid}/cmdline`);
    return raw?.replaceAll('\0', ' ').trim() || undefined;
  }
  return psField(pid, 'command=');
}

/** proc(5): field 22 of stat is the start in clock ticks since boot, field 3 the state; the name in field 2 may hold spaces. */
async function linuxStart(pid: number): Promise<string | undefined> {
  const stat = await readOrUndefined(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  const boot = (await readOrUndefined('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
  return `${boot}/${startTicks}`;
}

async function psStart(pid: number): Promise<string | undefined> {
  const state = await psField(pid, 'stat=');
  return state === undefined || state.startsWith('Z') ? undefined : psField(pid, 'lstart=');
}

async function psField(pid: number, field: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', field, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    // ps exits 1 when no process has the pid: that is the answer, not an error.
    return undefined;
  }
}

async function readOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // A process that ended between two looks has no files any more.
    return undefined;
  }
}
