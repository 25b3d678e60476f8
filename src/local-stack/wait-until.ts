import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` again and again until it answers true. Resolves to false when `withinMs` passed before that.
 * Rejects with the signal's reason when it is aborted, and with whatever `condition` throws.
 */
export async function waitUntil(request: {
  readonly condition: () => boolean | Promise<boolean>;
  readonly withinMs: number;
  /** @default 25 */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<boolean> {
  const deadline = performance.now() + request.withinMs;
  for (;;) {
    request.signal?.throwIfAborted();
    if (await request.condition()) return true;
    if (performance.now() > deadline) return false;
    await delay(request.everyMs ?? 25);
  }
}
