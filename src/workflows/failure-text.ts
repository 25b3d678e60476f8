import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../domain/failure.js';
import { printable } from '../domain/printable.js';
import type { StepError } from '../domain/progress.js';

/**
 * The one text of a step's error. An activity's own words come through unchanged, but for characters that a terminal or a page would
 * obey; for what has none (timeouts, a lost worker) it says what happened to which activity. Undefined for what is not the failure of
 * a step but a fault in the workflow.
 */
export function describeStepFailure(error: unknown): StepError | undefined {
  const described = describe(error);
  if (described === undefined) return undefined;
  return { ...described, message: printable(described.message), at: new Date().toISOString() };
}

function describe(error: unknown): Omit<StepError, 'at'> | undefined {
  if (error instanceof ApplicationFailure) return { type: error.type ?? 'Error', message: error.message };
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    return { type: cause.type ?? 'Error', message: cause.message, ...filesOf(cause) };
  }
  if (cause instanceof TimeoutFailure) return { type: 'ActivityTimeout', message: timeoutText(error, cause) };
  if (cause instanceof CancelledFailure) {
    return { type: 'ActivityCancelled', message: `${error.activityType} was cancelled by someone else than this run.` };
  }
  return { type: error.name, message: `${error.activityType} failed: ${cause?.message ?? error.message}` };
}

/** Failures whose details say which files they are about, each with its S3 URL as `file`; some with totals as well. */
const ABOUT_FILES: ReadonlySet<string> = new Set([
  FAILURES.copyRejectedRows.type,
  FAILURES.fileChanged.type,
  FAILURES.listingOutdated.type,
  FAILURES.notListed.type,
]);
const MOST_FILES = 20;

interface Detail {
  readonly file?: unknown;
  readonly fileCount?: unknown;
  readonly rejectedRows?: unknown;
}

function filesOf({
  type,
  details,
}: ApplicationFailure): Pick<StepError, 'file' | 'files' | 'fileCount' | 'rejectedRows'> {
  if (type == null || !ABOUT_FILES.has(type)) return {};
  const facts = ((details ?? []) as readonly (Detail | null)[]).filter((detail) => typeof detail === 'object');
  const named = facts.flatMap((detail) =>
    typeof detail?.file === 'string' && detail.file !== '' ? [detail.file] : [],
  );
  const files = [...new Set(named)].slice(0, MOST_FILES);
  const total = (name: 'fileCount' | 'rejectedRows') =>
    facts.map((detail) => detail?.[name]).find((found) => typeof found === 'number');
  const [fileCount, rejectedRows] = [total('fileCount'), total('rejectedRows')];
  const [file] = files;
  return {
    ...(file === undefined ? {} : { file, files }),
    ...(typeof fileCount === 'number' ? { fileCount } : {}),
    ...(typeof rejectedRows === 'number' ? { rejectedRows } : {}),
  };
}

/** Whether an activity failed with this type of domain/failure.ts. */
export function isFailureOf(error: unknown, type: FailureType): boolean {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === type;
}

function timeoutText(error: ActivityFailure, timeout: TimeoutFailure): string {
  const last = timeout.cause === undefined ? '' : ` The attempt before it failed with: ${timeout.cause.message}`;
  return timeout.timeoutType === 'HEARTBEAT'
    ? `${error.activityType} stopped sending heartbeats; its worker was probably stopped or lost its connection. It needs a worker that runs.${last}`
    : `${error.activityType} reached its time limit (${timeout.timeoutType}). Look for locks or queues on the cluster.${last}`;
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
  const reason = printable(error instanceof Error ? error.message : String(error));
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
