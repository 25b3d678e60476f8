import type { RetryStep } from './decisions.js';
import { FAILURES } from './failure.js';
import type { AskedOfStep } from './progress.js';

/** What retries have asked of a step so far: how its next try differs from the first. */
export interface Wishes {
  readonly maxErrors?: number | undefined;
  /** Files to leave out. */
  readonly exclude: readonly string[];
  /** Why each of them is left out: the error of the try after which a person said so. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Changed files whose rows are to be replaced; of incremental loads. */
  readonly reload: readonly string[];
  /** The list that a retry falls back to when the files of `exclude` are not found. */
  readonly lastListed: readonly string[];
}

const NOTHING: readonly string[] = [];

export const NO_WISHES: Wishes = { exclude: NOTHING, reasons: {}, reload: NOTHING, lastListed: NOTHING };

/** How a try ended and what a person said to it. */
export interface RetryAnswer {
  /** Type of the failure, see failure.ts. */
  readonly failure: string;
  readonly message: string;
  readonly decision: Pick<RetryStep, 'maxErrors' | 'exclude' | 'reload'>;
}

/**
 * The wishes of the next try: what is given replaces what was asked earlier, what is absent keeps it, and of a file counts what was said
 * last. Lists of which a file was not found are forgotten, so that a typo is mended by simply asking again.
 */
export function nextWishes(wishes: Wishes, { failure, message, decision }: RetryAnswer): Wishes {
  const unlisted = failure === FAILURES.notListed.type;
  const kept = unlisted ? withoutUnlisted(wishes) : wishes.exclude;
  const exclude = decision.exclude === undefined ? without(kept, decision.reload) : [...new Set(decision.exclude)];
  const reload = unlisted ? NOTHING : wishes.reload;
  // A name that was not found says nothing of the file that was meant: it is left out for what its misspelt name was.
  const misspelt = unlisted ? wishes.exclude.find((file) => !kept.includes(file)) : undefined;
  const reason = (misspelt === undefined ? undefined : wishes.reasons[misspelt]) ?? message;
  return {
    maxErrors: decision.maxErrors ?? wishes.maxErrors,
    exclude,
    reasons: Object.fromEntries(exclude.map((file) => [file, wishes.reasons[file] ?? reason])),
    reload: decision.reload === undefined ? without(reload, decision.exclude) : [...new Set(decision.reload)],
    lastListed: kept,
  };
}

/** The wishes as people see them; undefined for a try that differs in nothing. */
export function describeWishes({ maxErrors, exclude, reload }: Wishes): AskedOfStep | undefined {
  const asked = {
    ...(maxErrors === undefined ? {} : { maxErrors }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(reload.length === 0 ? {} : { reload }),
  };
  return Object.keys(asked).length === 0 ? undefined : asked;
}

/** The same list where none of the names is in it. Files are named by keys or by S3 URLs. */
function without(files: readonly string[], names: readonly string[] = NOTHING): readonly string[] {
  const keys = new Set(names.map(keyOf));
  return files.some((file) => keys.has(keyOf(file))) ? files.filter((file) => !keys.has(keyOf(file))) : files;
}

function keyOf(file: string): string {
  return file.replace(/^s3:\/\/[^/]*\//, '');
}

/** The list before a new one that failed; nothing, when a list that was listed before fails now. */
function withoutUnlisted({ exclude, lastListed }: Wishes): readonly string[] {
  return exclude === lastListed ? NOTHING : lastListed;
}
