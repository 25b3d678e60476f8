import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import { FAILURES, type FailureKind } from '../domain/failure.js';
import type { FailedBefore, StepError } from '../domain/progress.js';
import { describeWishes, NO_WISHES, nextWishes, type RetryAnswer, type Wishes } from '../domain/retry-wishes.js';
import { describeFault, describeStepFailure } from './failure-text.js';
import { Lanes } from './lanes.js';
import { LoginGuard } from './login-guard.js';
import type { Notifier } from './notifier.js';
import type { Parking } from './parking.js';
import { SkippedWhileWaiting, waitUnlessSkipped } from './skippable-wait.js';
import type { Step, StepTry } from './step.js';
import type { StepTable } from './step-table.js';

/** `step`: the one that ended the run. */
type EndRun = (
  kind: FailureKind,
  message: string,
  about?: { readonly step?: string; readonly cause?: unknown },
) => void;

export interface StepRunnerOptions {
  readonly table: StepTable;
  readonly parking: Parking;
  readonly notifier: Notifier;
  readonly options: { readonly onFailure: 'park' | 'fail'; readonly decisionTimeout: string };
  readonly isEnding: () => boolean;
  /** Running steps finish; no other starts. */
  readonly end: EndRun;
  /** Running steps are cancelled. */
  readonly endNow: EndRun;
}

/** Thrown to leave a run that is ending; Run knows the reason. */
class RunEnds extends Error {
  override readonly name = 'RunEnds';
}

/**
 * Runs the graph of steps: each as soon as what it needs is done, the others beside it. A step that fails parks; its branch
 * waits and the others go on. With `onFailure: "fail"` the run ends instead, once the steps that are already running have finished:
 * what they load is committed and worth keeping.
 */
export class StepRunner {
  readonly #lanes = new Lanes();
  readonly #logins = new LoginGuard();

  constructor(private readonly context: StepRunnerOptions) {}

  /** `steps` stand in topological order. Returns when each is done or skipped; throws when the run ends or is cancelled. */
  async execute(steps: readonly Step[]): Promise<void> {
    const branches = new Map<string, Promise<void>>();
    for (const step of steps) {
      const needs = step.needs.flatMap((need) => branches.get(need) ?? []);
      branches.set(step.id, this.#afterNeeds(step, needs));
    }
    const outcomes = await Promise.allSettled(branches.values());
    if (this.context.isEnding()) throw new RunEnds();
    const rejected = outcomes.find((outcome) => outcome.status === 'rejected');
    if (rejected !== undefined) throw rejected.reason;
  }

  /** Runs steps one after the other, whatever becomes of each; answers with the errors of those that failed. */
  async cleanUp(steps: readonly Step[]): Promise<readonly string[]> {
    const errors: string[] = [];
    for (const step of steps) {
      const error = await this.#try(step, NO_WISHES);
      if (error === undefined) continue;
      this.context.table.fail(step.id, { state: 'failed', error });
      errors.push(`${step.id}: ${error.message}`);
    }
    return errors;
  }

  async #afterNeeds(step: Step, needs: readonly Promise<void>[]): Promise<void> {
    await Promise.all(needs);
    if (this.context.table.find(step.id)?.state === 'skipped') return;
    try {
      await this.#untilAnswered(step);
    } catch (error) {
      if (!(error instanceof RunEnds) && !isCancellation(error)) this.#fault(step, error);
      throw error;
    }
  }

  async #untilAnswered(step: Step): Promise<void> {
    let wishes: Wishes = { ...NO_WISHES, reload: step.reload ?? NO_WISHES.reload };
    let before: FailedBefore | undefined;
    for (;;) {
      const failed = await this.#inLane(step, wishes);
      if (failed === undefined) return;
      // A misspelt name says nothing of what had failed before it.
      const isMisspelt = failed.type === FAILURES.notListed.type;
      if (!isMisspelt) before = failedBefore(failed, wishes);
      const error = isMisspelt ? withBefore(failed, before) : failed;
      const decision = await this.#decide(step, error);
      if (decision === 'skipped') return;
      wishes = nextWishes(wishes, { failure: failed.type, message: failed.message, decision });
    }
  }

  async #inLane(step: Step, wishes: Wishes): Promise<StepError | undefined> {
    const { isEnding } = this.context;
    const leave = await this.#lanes.enter({
      admits: () => isEnding() || this.#logins.admits(step),
      begin: () => this.#logins.begin(step),
    });
    try {
      if (isEnding()) throw new RunEnds();
      const error = await this.#try(step, wishes);
      this.#logins.end(step, error);
      return error;
    } finally {
      leave();
    }
  }

  async #try(step: Step, wishes: Wishes): Promise<StepError | undefined> {
    const { table } = this.context;
    const { lastListed: _, ...wished } = wishes;
    const attempt: StepTry = {
      ...wished,
      retitle: (title) => table.retitle(step.id, title),
      remark: (note) => table.remark(step.id, note),
      unlessSkipped: (wait) => this.#unlessSkipped(step.id, wait),
    };
    // The task that is being worked on ends with this event; a reset to it does the task again.
    const asked = describeWishes(wishes);
    table.start(step.id, { resetTo: workflowInfo().historyLength + 1, ...(asked === undefined ? {} : { asked }) });
    try {
      table.finish(step.id, await step.work(attempt));
      return undefined;
    } catch (error) {
      if (error instanceof SkippedWhileWaiting) {
        table.skip(step.id, 'skipped by a person while it waited');
        return undefined;
      }
      // An activity that someone else cancelled is a failed step; only the run's own cancellation ends the branch.
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) {
        table.cancel(step.id);
        throw error;
      }
      const described = describeStepFailure(error);
      if (described === undefined) throw error;
      return described;
    }
  }

  async #unlessSkipped(step: string, wait: () => Promise<void>): Promise<void> {
    const offer = this.context.parking.offerSkip(step);
    try {
      await waitUnlessSkipped(wait, offer.isTaken);
    } finally {
      offer.withdraw();
    }
  }

  async #decide(step: Step, error: StepError): Promise<RetryAnswer['decision'] | 'skipped'> {
    const { table, options, end } = this.context;
    if (error.type === FAILURES.warehouseBusy.type) {
      // Whoever says whenBusy: "fail" does not want to be asked.
      table.fail(step.id, { state: 'failed', error });
      end('warehouseBusy', error.message, { step: step.id });
      throw new RunEnds();
    }
    if (options.onFailure === 'fail') {
      table.fail(step.id, { state: 'failed', error });
      end('stepFailed', `Step ${step.id} failed: ${error.message}`, { step: step.id });
      throw new RunEnds();
    }
    return this.#park(step, error);
  }

  async #park(step: Step, error: StepError): Promise<RetryAnswer['decision'] | 'skipped'> {
    const { table, parking, notifier, options, endNow } = this.context;
    table.fail(step.id, { state: 'parked', error, decideBy: parking.decideBy() });
    notifier.tell('parked', step.id);
    const lastCall = notifier.isOn ? { onLastCall: () => notifier.tell('expiring', step.id) } : {};
    const answer = await parking.decide({ step: step.id, ...lastCall });
    this.#logins.answered(step.id);
    if (answer.kind === 'expired') {
      endNow(
        'decisionExpired',
        `Nobody answered the parked step ${step.id} within ${options.decisionTimeout}. It had failed: ${error.message}`,
        { step: step.id },
      );
      throw new RunEnds();
    }
    if (answer.kind === 'skip') {
      const what = step.kind === 'check' ? 'accepted by a person' : 'skipped by a person';
      table.skip(step.id, `${what} after ${error.type}`);
      return 'skipped';
    }
    table.requeue(step.id);
    return answer.decision;
  }

  #fault(step: Step, error: unknown): void {
    const { type, message, cause } = describeFault(error);
    this.context.table.fail(step.id, { state: 'failed', error: { type, message, at: new Date().toISOString() } });
    this.context.endNow('internal', message, { step: step.id, cause });
  }
}

function failedBefore(error: StepError, wishes: Wishes): FailedBefore {
  const asked = describeWishes(wishes);
  return { error, ...(asked === undefined ? {} : { asked }) };
}

function withBefore(error: StepError, before: FailedBefore | undefined): StepError {
  if (before === undefined) return error;
  const { type, message } = before.error;
  return { ...error, message: `${error.message}\nBefore that: ${type}: ${message}`, before };
}
