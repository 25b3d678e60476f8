import { isRunning, type ProcessIdentity } from './process-identity.js';
import { waitUntil } from './wait-until.js';

const KILL_DEADLINE_MS = 5_000;

/**
 * Ends a server that leads its own process group: SIGTERM to itself, so that it can stop its own children in order, and
 * SIGKILL to the whole group after `withinMs`. A process that is not there any more, or a recycled pid, is left alone.
 * @returns false when it had to be killed.
 */
export async function stopProcess(request: {
  readonly identity: ProcessIdentity;
  readonly withinMs: number;
}): Promise<boolean> {
  const { identity, withinMs } = request;
  const hasEnded = async () => !(await isRunning(identity));
  if (await hasEnded()) return true;
  send(identity.pid, 'SIGTERM');
  if (await waitUntil({ condition: hasEnded, withinMs })) return true;
  send(-identity.pid, 'SIGKILL');
  await waitUntil({ condition: hasEnded, withinMs: KILL_DEADLINE_MS });
  return false;
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // It ended between the look and the signal, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
