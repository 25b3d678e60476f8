import { type ChildProcess, spawn } from 'node:child_process';

/** Ends a server when this process is gone, however it went. */
export interface PostmasterGuard {
  /** The server has ended in order: nothing is left to guard. */
  release(): void;
}

/**
 * Starts a shell that waits for its standard input to close, which happens when this process dies, even by SIGKILL, and then asks the
 * server for a fast shutdown. Where there is no shell (Windows), the server is ended when this process exits by itself.
 */
export function guardPostmaster(postmaster: ChildProcess): PostmasterGuard {
  const { pid } = postmaster;
  if (pid === undefined) return { release: () => {} };
  if (process.platform === 'win32') {
    const end = (): void => void postmaster.kill();
    process.once('exit', end);
    return { release: () => void process.removeListener('exit', end) };
  }
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the server is still found by its pid file at the next start.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return { release: () => void shell.kill('SIGKILL') };
}
