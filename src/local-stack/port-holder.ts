import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { commandLine } from './process-identity.js';

const run = promisify(execFile);
/** proc(5), /proc/net/tcp: state 0A is TCP_LISTEN. */
const LISTENING = '0A';

/** Who listens on a TCP port of this machine. */
export interface PortHolder {
  readonly pid: number;
  /** Name of the program, without its arguments: those may hold somebody's secrets. */
  readonly program: string | undefined;
}

/** Finds the listener of a port as far as this user may see it; undefined when it belongs to somebody else. */
export async function findListener(port: number): Promise<PortHolder | undefined> {
  const pid = process.platform === 'linux' ? await linuxListener(port) : await lsofListener(port);
  if (pid === undefined) return undefined;
  const program = (await commandLine(pid))?.split(' ')[0];
  return { pid, program: program === undefined ? undefined : basename(program) };
}

async function linuxListener(port: number): Promise<number | undefined> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const isOurs = local !== undefined && Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port;
      if (isOurs && state === LISTENING && inode !== undefined) inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holdsSocket(entry, inodes))) return Number(entry);
  }
  return undefined;
}

async function holdsSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  // Other users' descriptors are not readable: they are not found, which the message allows for.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

async function lsofListener(port: number): Promise<number | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']);
    const pid = Number.parseInt(stdout, 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    // lsof is missing or sees nothing: the holder stays unnamed.
    return undefined;
  }
}
