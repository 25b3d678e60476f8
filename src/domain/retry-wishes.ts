import type { RetryStep } from './decisions.js';
import { FAILURES } from './failure.js';

/** What retries have asked of a step so far: how its next try differs from the first. */
export interface Wishes {
  readonly maxErrors?: number | undefined;
  /** Files to leave out. */
  readonly exclude: readonly string[];
  /** The list that a retry falls back to when the files of `exclude` are not found. */
  readonly lastListed: readonly string[];
}

const NOTHING: readonly string[] = [];

export const NO_WISHES: Wishes = { exclude: NOTHING, lastListed: NOTHING };

/** How a try ended and what a person said to it. */
export interface RetryAnswer {
  /** Type of the failure, see failure.ts. */
  readonly failure: string;
  readonly decision: Pick<RetryStep, 'maxErrors' | 'exclude'>;
}

/**
 * The wishes of the next try: what is given replaces what was asked earlier, what is absent keeps it. An `exclude` whose try failed in
 * the listing is forgotten, so that a typo is mended by simply asking again.
 */
export function nextWishes(wishes: Wishes, { failure, decision }: RetryAnswer): Wishes {
  const kept = failure === FAILURES.source.type ? withoutUnlisted(wishes) : wishes.exclude;
  return {
    maxErrors: decision.maxErrors ?? wishes.maxErrors,
    exclude: decision.exclude === undefined ? kept : [...new Set(decision.exclude)],
    lastListed: kept,
  };
}

/** The list before a new one that failed; nothing, when a list that was listed before fails now. */
function withoutUnlisted({ exclude, lastListed }: Wishes): readonly string[] {
  return exclude === lastListed ? NOTHING : lastListed;
}
