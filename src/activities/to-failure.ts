import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FAILURES, type FailureKind, type FailurePolicy, POLICIES } from '../domain/failure.js';
import { retryDelayMs } from './retry-delay.js';

/** What adapters' errors have in common: TransientError, TerminalError, InvalidWarehouseError. */
interface KnownError extends Error {
  readonly kind: FailureKind;
  readonly details?: readonly unknown[];
}

/** The attempt that failed. */
export interface FailedAttempt {
  /** Of the activity; aborted when it is cancelled. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** From 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * The one translation of errors into what Temporal records. Adapters' errors become an ApplicationFailure of the type in failure.ts,
 * with the delay and the limit of attempts of its policy: here and not in the workflow, which has to be deterministic. Their cause
 * stays out of it, for history is kept for ever and a cause is only for the log. Cancellation stays what it is. Anything else is a
 * fault of ours and passes unchanged.
 */
export function toFailure(error: unknown, { signal, attempt, random = Math.random }: FailedAttempt): unknown {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (signal.aborted) return signal.reason;
  if (!isKnown(error)) return error;
  const { type, policy: name } = FAILURES[error.kind];
  const policy: FailurePolicy = POLICIES[name];
  const nextRetryDelay = policy.delay && retryDelayMs(policy.delay, { attempt, random });
  return ApplicationFailure.create({
    message: error.message,
    type,
    nonRetryable: !policy.retryable || attempt >= (policy.attempts ?? Number.POSITIVE_INFINITY),
    details: error.details === undefined ? [] : [...error.details],
    ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
  });
}

function isKnown(error: unknown): error is KnownError {
  return error instanceof Error && 'kind' in error && typeof error.kind === 'string' && error.kind in FAILURES;
}
