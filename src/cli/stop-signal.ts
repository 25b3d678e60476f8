import { setMaxListeners } from 'node:events';

/**
 * Within this time a second signal is the echo of the first: on Ctrl-C the terminal signals npm and us, and npm passes its signal on
 * to us as well.
 */
const ECHO_MS = 1_000;

/** Aborted at the first Ctrl-C or SIGTERM. A later second one ends the process at once, for whoever cannot wait. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  // Many uploads at once listen to it, which looks like a leak to Node.
  setMaxListeners(0, controller.signal);
  let stoppedAt = 0;
  const stop = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      stoppedAt = performance.now();
      controller.abort(new Error(name));
    } else if (performance.now() - stoppedAt > ECHO_MS) {
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  return controller.signal;
}
