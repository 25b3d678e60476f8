import { CancellationScope, condition, patched, workflowInfo } from '@temporalio/workflow';
import { type NotificationEvent, notificationOf } from '../domain/notification.js';
import type { RunProgress } from '../domain/progress.js';
import { describeStepFailure } from './failure-text.js';
import { activity } from './policies.js';

/** Runs go on sending none where they began to wait before there were notifications. */
const PATCH = 'notify';

/** How long a run that is over waits for what it has not been able to tell. */
const LAST_WORDS_WITHIN = '1 minute';

export interface NotifierOptions {
  readonly progress: () => RunProgress;
  /** Keeps a line for whoever looks at the run. */
  readonly note: (text: string) => void;
}

/**
 * Tells people who do not look. Whether and where the worker sends notifications is its own setting, which a workflow cannot read: so
 * it always schedules the activity, and one that has nowhere to send to answers at once. No run fails or waits for long because of it.
 */
export class Notifier {
  readonly #sending = new Set<Promise<void>>();
  #number = 0;
  #hasParked = false;

  constructor(private readonly options: NotifierOptions) {}

  /** False in what replays from before there were notifications; asked where one would be sent. */
  get isOn(): boolean {
    return patched(PATCH);
  }

  /** Of a step that waits; returns at once. */
  tell(event: 'parked' | 'expiring', step: string): void {
    this.#hasParked = true;
    if (this.isOn) this.#begin(event, step);
  }

  /** Of a run that is over: every failure, and every other end of which somebody has heard before. Bounded in time. */
  async tellEnd(event: NotificationEvent, step?: string): Promise<void> {
    if (!this.#hasParked && event !== 'failed') return;
    if (!this.isOn) return;
    await CancellationScope.nonCancellable(async () => {
      this.#begin(event, step);
      if (await condition(() => this.#sending.size === 0, LAST_WORDS_WITHIN)) return;
      this.options.note(
        `A notification was not sent within ${LAST_WORDS_WITHIN}; the run ended without waiting longer.`,
      );
    });
  }

  #begin(event: NotificationEvent, step: string | undefined): void {
    const sending = CancellationScope.nonCancellable(() => this.#send(event, step)).finally(() => {
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
  }

  async #send(event: NotificationEvent, stepId: string | undefined): Promise<void> {
    const { runId, namespace } = workflowInfo();
    const progress = this.options.progress();
    const step = progress.steps.find(({ id }) => id === stepId);
    this.#number += 1;
    const at = new Date().toISOString();
    const facts = { event, number: this.#number, at, runId, namespace, progress, step };
    const about = step === undefined ? '' : ` ${step.id}`;
    try {
      await activity('notify', `NOTIFY ${event}${about}`)(notificationOf(facts));
    } catch (error) {
      const why = describeStepFailure(error)?.message ?? String(error);
      this.options.note(`The notification "${event}${about}" could not be sent: ${why}`);
    }
  }
}
