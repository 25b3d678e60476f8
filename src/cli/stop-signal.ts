import { setMaxListeners } from 'node:events';

/** Aborted at the first Ctrl-C or SIGTERM. The second one ends the process at once, for whoever cannot wait. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  // Many uploads at once listen to it, which looks like a leak to Node.
  setMaxListeners(0, controller.signal);
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    controller.abort(new Error(name));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  return controller.signal;
}
