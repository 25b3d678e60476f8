import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowHandle,
} from '@temporalio/client';
import { PROGRESS_QUERY } from '../domain/names.js';
import type { RunProgress, RunResult } from '../domain/progress.js';
import { isUnreachable } from './describe-failure.js';
import { RetryLookout, type StepRetry } from './step-retries.js';

/** How a watched run ended, or why watching did. */
export type RunOutcome =
  | { readonly kind: 'completed'; readonly result: RunResult; readonly progress: RunProgress | undefined }
  | { readonly kind: 'failed'; readonly error: unknown; readonly progress: RunProgress | undefined }
  | { readonly kind: 'parked'; readonly progress: RunProgress }
  | { readonly kind: 'interrupted'; readonly progress: RunProgress | undefined }
  /** Temporal no longer answers; the run goes on when it does. */
  | { readonly kind: 'unreachable'; readonly progress: RunProgress | undefined };

type End =
  | { readonly kind: 'completed'; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How to watch a run. */
export interface WatchOptions {
  readonly handle: WorkflowHandle;
  /** With what is being tried again by itself, asked for now and then while a step runs. */
  readonly onProgress: (progress: RunProgress, retries: readonly StepRetry[]) => void;
  /** Nothing answered the query: no worker, or one that is busy. Called at most once in a row. */
  readonly onSilence: () => void;
  /** Stop watching when the run can only go on after a person's answer. */
  readonly untilParked: boolean;
  /** Stops watching; the run goes on. */
  readonly signal: AbortSignal;
  /** @default 400 */
  readonly everyMs?: number;
}

/** The query waits for the first workflow task; a worker that has work at hand answers within milliseconds. */
const QUERY_TIMEOUT_MS = 3_000;

/** A retry waits a second at least. */
const LOOK_FOR_RETRIES_MS = 1_000;

/** gRPC status code. */
const FAILED_PRECONDITION = 9;

/** Follows a run to its end through its `progress` query. Leaves no request behind. */
export async function watchRun(options: WatchOptions): Promise<RunOutcome> {
  const finished = new AbortController();
  const signal = AbortSignal.any([options.signal, finished.signal]);
  // Every request listens to it, which looks like a leak to Node.
  setMaxListeners(0, signal);
  try {
    return await options.handle.client.withAbortSignal(signal, () => watch(options));
  } finally {
    finished.abort();
  }
}

async function watch(options: WatchOptions): Promise<RunOutcome> {
  const { handle, signal } = options;
  let latest: RunProgress | undefined;
  const ask = async () => {
    try {
      return await queryProgress(handle);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      return 'unreachable';
    }
  };
  let end: End | undefined;
  const ended = handle.result().then(
    (result) => (end = { kind: 'completed', result: result as RunResult }),
    (error: unknown) => (end = { kind: 'failed', error }),
  );
  const stopped = untilAborted(signal);
  const findRetries = retriesNowAndThen(handle);
  let isSilent = false;
  while (end === undefined && !signal.aborted) {
    const progress = await Promise.race([ask(), stopped]);
    if (signal.aborted) break;
    if (progress === 'unreachable') return { kind: 'unreachable', progress: latest };
    if (progress === undefined && end === undefined && !isSilent) options.onSilence();
    isSilent = progress === undefined;
    if (progress !== undefined) {
      latest = progress;
      const retries = await Promise.race([findRetries(progress), stopped]);
      if (signal.aborted) break;
      options.onProgress(progress, retries ?? []);
      if (options.untilParked && isStuck(progress)) return { kind: 'parked', progress };
    }
    await Promise.race([ended, stopped, delay(options.everyMs ?? 400)]);
  }
  // Aborting cancels the wait for the result, which then looks like a failure.
  if (end === undefined || signal.aborted) return { kind: 'interrupted', progress: latest };
  if (end.kind === 'failed' && isUnreachable(end.error)) return { kind: 'unreachable', progress: latest };
  const last = await lastProgress(handle, end, latest);
  if (last !== undefined) options.onProgress(last, []);
  return { ...(end as End), progress: last };
}

/** The run's `progress`; undefined when no worker answers in time or the run has not begun. */
export async function queryProgress(handle: WorkflowHandle): Promise<RunProgress | undefined> {
  try {
    return await handle.client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      handle.query<RunProgress>(PROGRESS_QUERY),
    );
  } catch (error) {
    if (
      isGrpcCancelledError(error) ||
      isGrpcDeadlineError(error) ||
      error instanceof QueryNotRegisteredError ||
      isNotReady(error)
    )
      return undefined;
    throw error;
  }
}

function retriesNowAndThen(handle: WorkflowHandle): (progress: RunProgress) => Promise<readonly StepRetry[]> {
  const lookout = new RetryLookout(handle);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let retries: readonly StepRetry[] = [];
  return async (progress) => {
    if (!progress.steps.some(({ state }) => state === 'running')) return [];
    if (performance.now() - lookedAt < LOOK_FOR_RETRIES_MS) return retries;
    lookedAt = performance.now();
    // The view can do without; what ails the server, the next query tells.
    retries = await lookout.look(progress).catch(() => []);
    return retries;
  };
}

/** Steps changed between the last look and the end; the result tells them, and a run that failed still answers queries. */
async function lastProgress(
  handle: WorkflowHandle,
  end: End,
  latest: RunProgress | undefined,
): Promise<RunProgress | undefined> {
  if (end.kind === 'failed') return (await queryProgress(handle).catch(() => undefined)) ?? latest;
  return latest === undefined ? undefined : { ...latest, status: end.result.status, steps: end.result.steps };
}

/** Nothing runs any more, and something waits for a person. */
function isStuck(progress: RunProgress): boolean {
  const states = new Set(progress.steps.map((step) => step.state));
  return states.has('parked') && !states.has('running');
}

/** FAILED_PRECONDITION: the first workflow task is not done, or the run ended before it. */
function isNotReady(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === FAILED_PRECONDITION;
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
