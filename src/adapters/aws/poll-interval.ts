import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 15_000;
const GROWTH = 1.5;

/**
 * Waits before the next look at something that takes seconds to an hour: short at first, then ever longer up to 15 s, well below the
 * request rates of Redshift's API. Rejects with the signal's reason when it is aborted.
 */
export async function pollInterval(look: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(Math.min(LONGEST_MS, FIRST_MS * GROWTH ** look), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
