import { Context } from '@temporalio/activity';
import type { HeldClaim } from '../adapters/redshift/ledger/held-claim.js';
import { toFailure } from './to-failure.js';

/** One attempt of an activity, as adapters need to know it. */
export interface Attempt {
  readonly workflowId: string;
  readonly runId: string;
  readonly namespace: string;
  /** 1 for the first attempt of the activity. */
  readonly number: number;
  /** What the run has claimed: absent when it has not, or when the work writes nothing. */
  readonly claim?: HeldClaim | undefined;
  /** Aborted when the activity is cancelled; its reason is what to throw then. */
  readonly signal: AbortSignal;
  /** What the next heartbeats say about the progress. */
  report(progress: unknown): void;
}

/** Cancellation comes back with a heartbeat, so this bounds how late it is seen; the SDK sends no more of them than the server wants. */
const HEARTBEAT_EVERY_MS = 1_000;

/**
 * Runs an activity's work: with heartbeats on a timer, so that a long statement neither times out nor misses its cancellation, and
 * with its errors as ApplicationFailure or CancelledFailure.
 */
export async function runAttempt<Result>(work: (attempt: Attempt) => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const { workflowId = '', runId = '' } = context.info.workflowExecution ?? {};
  const { namespace, attempt: number } = context.info;
  const signal = context.cancellationSignal;
  let latest: unknown;
  const timer = setInterval(() => context.heartbeat(latest), HEARTBEAT_EVERY_MS);
  const report = (progress: unknown): void => {
    latest = progress;
    context.heartbeat(progress);
  };
  try {
    return await work({ workflowId, runId, namespace, number, signal, report });
  } catch (error) {
    const failure = toFailure(error, { signal, attempt: number });
    // The SDK logs the failure itself; the cause is in the log only, see toFailure.
    if (failure !== error && error instanceof Error) context.log.debug('Cause of the failure', { error: error.cause });
    throw failure;
  } finally {
    clearInterval(timer);
  }
}
