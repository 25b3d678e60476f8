import { answersTo } from './answers.js';
import { utcText } from './duration.js';
import { errorLine } from './error-line.js';
import type { RunProgress, RunStatus, SkippedStep, StepAnswer, StepError, StepKind, StepProgress } from './progress.js';

/** Counts up when a field is renamed, removed or means something else; new fields do not change it. */
export const NOTIFICATION_VERSION = 1;

/**
 * What a person may want to hear of: a step waits for an answer, will not wait much longer, or has waited in vain; a run failed; a run
 * that had waited has ended.
 */
export const NOTIFICATION_EVENTS = [
  'parked',
  'expiring',
  'expired',
  'failed',
  'completed',
  'completedWithSkips',
  'aborted',
  'cancelled',
] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

/** The JSON document that a command or webhook is given; docs/notification.schema.json is its schema. Never holds a secret. */
export interface Notification {
  readonly version: typeof NOTIFICATION_VERSION;
  /** The same each time that this notification is sent: it comes at least once. */
  readonly id: string;
  readonly event: NotificationEvent;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** One line for a chat or a subject. */
  readonly text: string;
  readonly workflow: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly namespace: string;
  readonly warehouse?: string;
  readonly cluster: string;
  readonly status: RunStatus;
  /** The step that waits, or that ended the run. */
  readonly step?: {
    readonly id: string;
    readonly kind: StepKind;
    readonly title: string;
    readonly tries: number;
  };
  readonly error?: StepError;
  /** Of a step that waits; empty otherwise. */
  readonly answers: readonly StepAnswer[];
  /** When the run ends if nobody has answered. ISO 8601, UTC. */
  readonly decideBy?: string;
  /** Why the run ended other than completed, what it leaves and how to go on. */
  readonly outcome?: string;
  readonly skipped?: readonly SkippedStep[];
  /** The run in the Temporal Web UI, where the worker knows its address. */
  readonly uiUrl?: string;
}

/** What a notification is made of. */
export interface NotificationFacts {
  readonly event: NotificationEvent;
  /** Of this run: 1, 2, 3... */
  readonly number: number;
  readonly at: string;
  readonly runId: string;
  readonly namespace: string;
  readonly progress: RunProgress;
  /** Absent: of the run as a whole. */
  readonly step?: StepProgress | undefined;
}

/** The document of one event. */
export function notificationOf(facts: NotificationFacts): Notification {
  const { event, at, runId, namespace, progress, step } = facts;
  const { workflow, workflowId, warehouse, cluster, status, outcome } = progress;
  const waits = event === 'parked' || event === 'expiring';
  const skipped = event === 'completedWithSkips' ? skippedSteps(progress.steps) : [];
  return {
    version: NOTIFICATION_VERSION,
    id: `${runId}/${facts.number}`,
    event,
    at,
    text: summary(facts),
    ...{ workflow, workflowId, runId, namespace },
    ...(warehouse === undefined ? {} : { warehouse }),
    ...{ cluster, status },
    ...(step === undefined ? {} : { step: { id: step.id, kind: step.kind, title: step.title, tries: step.tries } }),
    ...(step?.error === undefined ? {} : { error: step.error }),
    answers: waits && step !== undefined ? answersTo(step, { workflowId, namespace }) : [],
    ...(waits && step?.decideBy !== undefined ? { decideBy: step.decideBy } : {}),
    ...(outcome === undefined ? {} : { outcome }),
    ...(skipped.length === 0 ? {} : { skipped }),
  };
}

/** Steps that a run did without, and why. */
export function skippedSteps(steps: readonly StepProgress[]): readonly SkippedStep[] {
  return steps
    .filter(({ state }) => state === 'skipped')
    .map(({ id, note }) => ({ step: id, reason: note ?? 'skipped' }));
}

function summary({ event, progress, step }: NotificationFacts): string {
  const run = `${progress.workflow} ${progress.workflowId}`;
  const until = step?.decideBy === undefined ? '' : ` until ${utcText(step.decideBy)}`;
  const error = step?.error === undefined ? '' : `: ${errorLine(step.error)}`;
  switch (event) {
    case 'parked':
      return `${run}: step ${step?.id} failed and waits for an answer${until}${error}`;
    case 'expiring':
      return `${run}: step ${step?.id} still waits for an answer, and the run ends without one at ${until.slice(' until '.length)}${error}`;
    case 'expired':
      return `${run} ended: nobody answered step ${step?.id}${error}`;
    case 'failed':
      return `${run} failed${step === undefined ? outcomeText(progress) : ` at step ${step.id}${error}`}`;
    case 'completed':
      return `${run} completed`;
    case 'completedWithSkips':
      return `${run} completed with skipped steps: ${skippedSteps(progress.steps)
        .map(({ step: id }) => id)
        .join(', ')}`;
    case 'aborted':
      return `${run} was aborted${outcomeText(progress)}`;
    case 'cancelled':
      return `${run} was cancelled`;
  }
}

function outcomeText({ outcome }: RunProgress): string {
  return outcome === undefined ? '' : `: ${errorLine({ message: outcome })}`;
}
