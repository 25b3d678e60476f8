import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { attemptsFor } from '../domain/failure.js';
import type { RunProgress } from '../domain/progress.js';
import { formatDuration } from './format.js';

/** An activity of a step that failed and is tried again by itself. */
export interface StepRetry {
  /** Undefined where the activity is of no step that the run shows. */
  readonly step: string | undefined;
  /** 1-based; the one that failed last, or that runs now. */
  readonly attempt: number;
  /** 0: without end. */
  readonly maximumAttempts: number;
  /** Milliseconds since the epoch; undefined while an attempt runs. */
  readonly nextAt: number | undefined;
  /** Of the last failure, one line. */
  readonly failure: string;
}

/** PENDING_ACTIVITY_STATE_SCHEDULED of temporal/api/enums/v1/workflow.proto: no attempt runs. */
const WAITS = 1;

/** What an activity was scheduled for. */
interface Scheduled {
  readonly step: unknown;
  readonly summary: unknown;
}

interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/**
 * The activities of a run that are being tried again. Costs one `describe`; which step an activity belongs to stands in the history, which
 * is read only when one fails for the first time and remembered in `scheduled`.
 */
export class RetryLookout {
  readonly #handle: WorkflowHandle;
  readonly #scheduled = new Map<string, Scheduled>();

  constructor(handle: WorkflowHandle) {
    this.#handle = handle;
  }

  async look(progress: RunProgress): Promise<readonly StepRetry[]> {
    const { raw } = await this.#handle.describe();
    const failing = (raw.pendingActivities ?? []).filter(
      ({ attempt, lastFailure }) => (attempt ?? 1) > 1 && lastFailure,
    );
    if (failing.some(({ activityId }) => !this.#scheduled.has(activityId ?? ''))) await this.#readHistory();
    return failing.map((activity) => {
      const isWaiting = activity.state === WAITS;
      return {
        step: stepOf(progress, this.#scheduled.get(activity.activityId ?? '')),
        // The server counts the attempt that it waits for.
        attempt: (activity.attempt ?? 1) - (isWaiting ? 1 : 0),
        maximumAttempts: attemptLimit(
          activity.maximumAttempts ?? 0,
          activity.lastFailure?.applicationFailureInfo?.type,
        ),
        nextAt: isWaiting ? milliseconds(activity.nextAttemptScheduleTime ?? activity.scheduledTime) : undefined,
        failure: oneLine(activity.lastFailure?.message ?? ''),
      };
    });
  }

  async #readHistory(): Promise<void> {
    const { events } = await this.#handle.fetchHistory();
    for (const { activityTaskScheduledEventAttributes: scheduled, userMetadata } of events ?? []) {
      if (!scheduled) continue;
      const [input] = (scheduled.input?.payloads ?? []).map((payload) => decode(payload));
      const step = (input as { readonly step?: unknown } | undefined)?.step;
      const summary = userMetadata?.summary ? decode(userMetadata.summary) : undefined;
      this.#scheduled.set(scheduled.activityId ?? '', { step, summary });
    }
  }
}

/** The policy of a failure may allow fewer attempts than its class of work. */
function attemptLimit(ofWork: number, type: string | null | undefined): number {
  const ofFailure = attemptsFor(type ?? '');
  return ofFailure === undefined || ofWork === 0 ? ofWork : Math.min(ofWork, ofFailure);
}

/** `attempt 3 of 6, next in 9 s: Connecting to dev on ... failed`. */
export function describeRetry(retry: StepRetry, now: number): string {
  const of = retry.maximumAttempts > 0 ? ` of ${retry.maximumAttempts}` : '';
  const waitMs = retry.nextAt === undefined ? undefined : Math.max(0, retry.nextAt - now);
  const next = waitMs === undefined ? 'running' : `next in ${formatWait(waitMs)}`;
  return `attempt ${retry.attempt}${of}, ${next}: ${retry.failure}`;
}

/** The activities' own words for their step, else the line they are shown under. */
function stepOf({ steps }: RunProgress, scheduled: Scheduled | undefined): string | undefined {
  const found = steps.find(({ id, title }) => id === scheduled?.step || title === scheduled?.summary);
  return found?.id;
}

function decode(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0]): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    // Encrypted by a codec that this client has not got: the activity is shown without its step.
    return undefined;
  }
}

function milliseconds(time: Timestamp | null | undefined): number | undefined {
  return time == null ? undefined : Number(time.seconds ?? 0) * 1_000 + (time.nanos ?? 0) / 1_000_000;
}

function formatWait(waitMs: number): string {
  return waitMs < 60_000 ? `${Math.ceil(waitMs / 1_000)} s` : formatDuration(waitMs);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
