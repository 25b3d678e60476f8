import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { attemptsFor } from '../domain/failure.js';
import type { RunProgress } from '../domain/progress.js';
import { formatDuration } from './format.js';

/** An activity of a step that does not get on by itself: it failed and is tried again, or its statement waits for a lock. */
export interface StepRetry {
  /** Undefined where the activity is of no step that the run shows. */
  readonly step: string | undefined;
  /** 1-based; the one that failed last, or that runs now. */
  readonly attempt: number;
  /** 0: without end. */
  readonly maximumAttempts: number;
  /** Milliseconds since the epoch; undefined while an attempt runs. */
  readonly nextAt: number | undefined;
  /** Of the last failure, one line; empty when there was none. */
  readonly failure: string;
  /** Who holds the lock that the attempt waits for; empty when that is not known. Undefined when it waits for none. */
  readonly waitsForLockOf?: readonly LockHolder[];
}

/** A session in the warehouse, as the attempt's heartbeat names it. */
interface LockHolder {
  readonly pid: number;
  readonly user: string;
  /** When its transaction began, ISO 8601. */
  readonly since: string;
}

/** PENDING_ACTIVITY_STATE_SCHEDULED of temporal/api/enums/v1/workflow.proto: no attempt runs. */
const WAITS = 1;

/** What an activity was scheduled for. */
interface Scheduled {
  readonly step: unknown;
  readonly summary: unknown;
}

type PendingActivity = NonNullable<Awaited<ReturnType<WorkflowHandle['describe']>>['raw']['pendingActivities']>[number];

interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/**
 * The activities of a run that are being tried again or wait for a lock. Costs one `describe`; which step an activity belongs to stands in the history, which
 * is read only when one is seen for the first time and remembered in `scheduled`.
 */
export class RetryLookout {
  readonly #handle: WorkflowHandle;
  readonly #scheduled = new Map<string, Scheduled>();

  constructor(handle: WorkflowHandle) {
    this.#handle = handle;
  }

  async look(progress: RunProgress): Promise<readonly StepRetry[]> {
    const { raw } = await this.#handle.describe();
    const pending = (raw.pendingActivities ?? []).map((activity) => ({ activity, holders: lockHolders(activity) }));
    const stuck = pending.filter(
      ({ activity: { attempt, lastFailure }, holders }) => ((attempt ?? 1) > 1 && lastFailure) || holders !== undefined,
    );
    if (stuck.some(({ activity }) => !this.#scheduled.has(activity.activityId ?? ''))) await this.#readHistory();
    return stuck.map(({ activity, holders }) => {
      const isWaiting = activity.state === WAITS;
      return {
        ...(holders === undefined ? {} : { waitsForLockOf: holders }),
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

/** `attempt 3 of 6, next in 9 s: Connecting to dev on ... failed`, `waits for a lock held by pid 123 (user bob) since 4 min`. */
export function describeRetry(retry: StepRetry, now: number): string {
  const lock = retry.waitsForLockOf && describeLock(retry.waitsForLockOf, now);
  if (lock !== undefined && retry.attempt === 1) return lock;
  const of = retry.maximumAttempts > 0 ? ` of ${retry.maximumAttempts}` : '';
  const waitMs = retry.nextAt === undefined ? undefined : Math.max(0, retry.nextAt - now);
  const next = waitMs === undefined ? 'running' : `next in ${formatWait(waitMs)}`;
  return `attempt ${retry.attempt}${of}, ${next}: ${lock ?? retry.failure}`;
}

function describeLock(holders: readonly LockHolder[], now: number): string {
  const who = holders.map(
    ({ pid, user, since }) => `pid ${pid} (user ${user}) since ${formatWait(Math.max(0, now - Date.parse(since)))}`,
  );
  return who.length === 0 ? 'waits for a lock' : `waits for a lock held by ${who.join(', ')}`;
}

/** What the running attempt has said last; one that waits for its next try waits for no lock. */
function lockHolders({ state, heartbeatDetails }: PendingActivity): readonly LockHolder[] | undefined {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (state === WAITS || !payload) return undefined;
  const said = decode(payload) as { readonly waitsForLock?: { readonly holders?: readonly LockHolder[] } } | null;
  return said?.waitsForLock?.holders;
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
