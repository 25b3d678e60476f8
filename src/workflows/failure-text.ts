import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import type { RejectedRow } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { StepError } from '../domain/progress.js';

/**
 * The one text of a step's error. An activity's own words come through unchanged; for what has none (timeouts, a lost worker)
 * it says what happened to which activity. Undefined for what is not the failure of a step but a fault in the workflow.
 */
export function describeStepFailure(error: unknown): StepError | undefined {
  const at = new Date().toISOString();
  if (error instanceof ApplicationFailure) return { type: error.type ?? 'Error', message: error.message, at };
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    return { type: cause.type ?? 'Error', message: cause.message, at, ...failedFile(cause) };
  }
  if (cause instanceof TimeoutFailure) return { type: 'ActivityTimeout', message: timeoutText(error, cause), at };
  if (cause instanceof CancelledFailure) {
    return {
      type: 'ActivityCancelled',
      message: `${error.activityType} was cancelled by someone else than this run.`,
      at,
    };
  }
  return { type: error.name, message: `${error.activityType} failed: ${cause?.message ?? error.message}`, at };
}

/** The details of a COPY that rejected rows are RejectedRow. */
function failedFile({ type, details }: ApplicationFailure): { readonly file?: string } {
  if (type !== FAILURES.copyRejectedRows.type) return {};
  const file = (details?.[0] as Partial<RejectedRow> | undefined)?.file;
  return typeof file === 'string' && file !== '' ? { file } : {};
}

function timeoutText(error: ActivityFailure, timeout: TimeoutFailure): string {
  const last = timeout.cause === undefined ? '' : ` The attempt before it failed with: ${timeout.cause.message}`;
  return timeout.timeoutType === 'HEARTBEAT'
    ? `${error.activityType} stopped sending heartbeats; its worker was probably stopped or lost its connection. Retry the step when a worker runs.${last}`
    : `${error.activityType} reached its time limit (${timeout.timeoutType}). Look for locks or queues on the cluster, then retry the step.${last}`;
}

/**
 * Why a run ends that no step ended: planning failed, or the workflow's own code did. Then it is an InternalError: an ordinary throw
 * would leave the run hanging, its workflow task retried for ever.
 */
export function describeFault(error: unknown): {
  readonly type: string;
  readonly message: string;
  readonly cause: unknown;
} {
  const failure = describeStepFailure(error);
  if (failure !== undefined) return { type: failure.type, message: failure.message, cause: error };
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Starshift itself failed: ${reason}. This is a fault in its workflow code; report it with this run's history.`;
  return { type: FAILURES.internal.type, message, cause: error };
}

/** A failure that no policy retries; `type` is one of domain/failure.ts, or the type of the failure that it passes on. */
export function terminalFailure(type: string, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}
