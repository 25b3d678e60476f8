import type { BackOff } from '../domain/failure.js';

/** Temporal takes no delay at all for none given. */
const SHORTEST_MS = 50;

/**
 * Milliseconds until the attempt after this one: doubles with each attempt up to `maxMs`, and of that all but the fixed share is left to
 * chance, so that those who failed together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function retryDelayMs(
  { firstMs, maxMs, fixedShare }: BackOff,
  { attempt, random }: { readonly attempt: number; readonly random: () => number },
): number {
  const whole = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return Math.max(SHORTEST_MS, Math.round(whole * (fixedShare + (1 - fixedShare) * random())));
}
