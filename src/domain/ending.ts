import { type RunAddress, temporalFlags } from './answers.js';
import { FAILURES, type FailureType } from './failure.js';
import type { StepKind, StepProgress } from './progress.js';
import { shellQuote } from './shell-quote.js';

/** Steps whose work lies in the warehouse and stays there, whatever becomes of the run. */
const COMMITTING: ReadonlySet<StepKind> = new Set(['create', 'stage', 'transform']);

/** What a run that did not complete says of itself. */
export interface Ending {
  /** Why it ended, and what its compensation left. */
  readonly reason: string;
  readonly steps: readonly StepProgress[];
  readonly run: RunAddress & { readonly runId: string };
}

/**
 * The text of a run's failure: the reason, the error of every failed step in the very words in which it was parked, what is done and
 * stays, and the command that goes on from there.
 */
export function describeEnding({ reason, steps, run }: Ending): string {
  const failed = steps.filter(({ state, error }) => state === 'failed' && error !== undefined);
  const untold = failed.filter(({ error }) => !reason.includes(error?.message ?? ''));
  // What the steps have made is gone with the cluster then.
  const isTornDown = steps.some(({ kind, state }) => kind === 'teardown' && state === 'done');
  return [
    reason,
    ...untold.map(({ id, error }) => `Step ${id} had failed: ${error?.message}`),
    ...(isTornDown ? [] : [...kept(steps), ...goOn(failed, run)]),
  ].join('\n');
}

function kept(steps: readonly StepProgress[]): readonly string[] {
  const ids = steps.filter(({ state, kind }) => state === 'done' && COMMITTING.has(kind)).map(({ id }) => id);
  return ids.length === 0 ? [] : [`Done, and stays as it is: ${ids.join(', ')}.`];
}

/**
 * A run that found the tables busy has done nothing to go on from, and the rows that a step needed of its own run are gone: such runs are
 * started again.
 */
const STARTS_ANEW: ReadonlySet<string> = new Set([FAILURES.warehouseBusy.type, FAILURES.stagingReplaced.type]);

/** What a person can say when the run is started again, where mending the cause is not the only way. No answer reaches a run that has ended. */
const START_AGAIN: Partial<Record<FailureType, string>> = {
  [FAILURES.copyRejectedRows.type]:
    'To do without the rejected rows, start the run again with "maxErrors" in the input, how many there may be: they go into quarantine.',
  [FAILURES.fileChanged.type]:
    'To replace the rows of every changed file, start the run again with "onChanged": "reload" in the input.',
  [FAILURES.ledgerMismatch.type]: 'To build the tables anew, start the run again with "mode": "full" in the input.',
  [FAILURES.notListed.type]: 'To name the right files, correct the input and start the run again.',
  [FAILURES.stagingReplaced.type]: 'Start the run again: it stages its own rows.',
};

function startAgain(failed: readonly StepProgress[]): readonly string[] {
  const texts = failed.flatMap(({ error }) => START_AGAIN[(error?.before?.error ?? error)?.type as FailureType] ?? []);
  return [...new Set(texts)];
}

function goOn(failed: readonly StepProgress[], run: Ending['run']): readonly string[] {
  const [first] = failed
    .filter(
      ({ kind, resetTo, error }) => kind !== 'teardown' && resetTo !== undefined && !STARTS_ANEW.has(error?.type ?? ''),
    )
    .toSorted((a, b) => (a.resetTo ?? 0) - (b.resetTo ?? 0));
  if (first === undefined) return startAgain(failed);
  // Updates that came later are left out: an abort would end the new run as well.
  const command = [
    `temporal workflow reset${temporalFlags(run)} --workflow-id ${shellQuote(run.workflowId)} --run-id ${run.runId}`,
    `--event-id ${first.resetTo} --reapply-exclude Update --reason ${shellQuote(`${first.id} again`)}`,
  ].join(' ');
  return [...startAgain(failed), `When the cause is mended, start the run again, or go on from ${first.id}:`, command];
}
