import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FAILURES, type FailureKind } from '../domain/failure.js';

/** What adapters' errors have in common: TransientError, TerminalError, InvalidWarehouseError. */
interface KnownError extends Error {
  readonly kind: FailureKind;
  readonly details?: readonly unknown[];
}

/**
 * The one translation of errors into what Temporal records. Adapters' errors become an ApplicationFailure of the type in failure.ts;
 * their cause stays out of it, for history is kept for ever and a cause is only for the log. Cancellation stays what it is. Anything
 * else is a fault of ours and passes unchanged.
 */
export function toFailure(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (signal.aborted) return signal.reason;
  if (!isKnown(error)) return error;
  const { type, retryable } = FAILURES[error.kind];
  return ApplicationFailure.create({
    message: error.message,
    type,
    nonRetryable: !retryable,
    details: error.details === undefined ? [] : [...error.details],
  });
}

function isKnown(error: unknown): error is KnownError {
  return error instanceof Error && 'kind' in error && typeof error.kind === 'string' && error.kind in FAILURES;
}
