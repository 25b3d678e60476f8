import { spawn } from 'node:child_process';

/** Ends a server when this process dies without stopping it. */
export interface ProcessGuard {
  /** The server has ended, or is being stopped in the ordinary way. */
  release(): void;
}

/**
 * `read` returns 0 for a line (released) and 1 at end of file, which is what a SIGKILLed parent leaves behind: the pipe's
 * other end is closed by the kernel, whatever happened to us.
 */
const SCRIPT = `
read -r released && exit 0
kill -TERM "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt "$2" ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
exit 0
`;

/** Watches over the server that leads process group `pid`; `stopWithinMs` is what it gets between SIGTERM and SIGKILL. */
export function guardProcess(request: { readonly pid: number; readonly stopWithinMs: number }): ProcessGuard {
  const tries = Math.ceil(request.stopWithinMs / 100);
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'starshift-guard', String(request.pid), String(tries)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
  });
  // Without a shell there is no guard; the next start still finds what was left through the stack record.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  unref(guard.stdin);
  return { release: () => guard.stdin.end('released\n') };
}

/** Child pipes are sockets and can be unreferenced, which their declared type does not say. */
function unref(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}
