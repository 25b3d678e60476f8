import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  isGrpcServiceError,
  ServiceError,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { printable } from '../domain/printable.js';

/** gRPC status code. */
const UNAVAILABLE = 14;

/**
 * What ended a run, in the words of the failure closest to the cause: `CopyRejectedRows: COPY into ...`. For a terminal: what came from
 * files and servers sends it no control characters.
 */
export function describeFailure(error: unknown): string {
  return printable(textOf(error));
}

function textOf(error: unknown): string {
  const cause = innermost(error);
  if (cause instanceof CancelledFailure) return 'The run was cancelled.';
  if (cause instanceof TerminatedFailure) return `The run was terminated: ${cause.message || 'no reason given'}.`;
  if (cause instanceof TimeoutFailure) return `Timed out: ${cause.message}.`;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Failure'}: ${cause.message}`;
  if (cause instanceof ServiceError) return serviceText(cause);
  return cause instanceof Error ? cause.message : String(cause);
}

/** True for what Temporal answered or a run ended with, as opposed to a defect of this program. */
export function isTemporalFailure(error: unknown): boolean {
  return (
    error instanceof TemporalFailure ||
    error instanceof WorkflowFailedError ||
    error instanceof WorkflowUpdateFailedError ||
    error instanceof WorkflowNotFoundError ||
    error instanceof ServiceError ||
    isGrpcServiceError(error)
  );
}

/** The SDK's own words are the same for every failed call; the server's stand in the cause. */
function serviceText({ message, cause }: ServiceError): string {
  return isGrpcServiceError(cause) ? `${message}: ${cause.details || cause.message}` : message;
}

/** True when nothing answers at Temporal's address: the calls' own retries are used up. */
export function isUnreachable(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === UNAVAILABLE;
}

/** True when the run was cancelled rather than failed. */
export function isCancelled(error: unknown): boolean {
  return innermost(error) instanceof CancelledFailure;
}

/** Wrappers only say that something below them failed. */
function innermost(error: unknown): unknown {
  const wraps =
    error instanceof WorkflowFailedError || error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wraps && error.cause !== undefined ? innermost(error.cause) : error;
}
