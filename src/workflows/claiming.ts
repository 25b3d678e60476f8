import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { WarehouseScope } from '../activities/activities.js';
import type { RunningRun } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { WhenBusy } from '../domain/input.js';
import { busyText, STEP_IDS, waitsText } from '../domain/step-titles.js';
import { describeStepFailure, terminalFailure } from './failure-text.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step, StepFacts, StepTry } from './step.js';

/** Runs that began before there were claims go on without. */
const PATCH = 'claim-tables';
/** Followed by the id of a step: a run that a reset made has claimed again before this step. */
const AGAIN_PATCH = 'claim-tables-again:';

export interface ClaimOptions {
  readonly scope: WarehouseScope;
  readonly whenBusy: WhenBusy;
}

/**
 * Keeps runs on the same tables apart. Its step ends when no other run has them; skipped, the run goes on beside the other one. The
 * claim lasts until this run has ended, however it ends: whoever finds it afterwards asks Temporal, so giving it back is a courtesy to
 * runs of other Temporal servers, which cannot ask.
 */
export class Claiming {
  /** The step; none in runs that began before there were claims. */
  readonly steps: readonly Step[];
  readonly #title: string;
  #holder: RunningRun | undefined;
  /** The run that claimed, as the history says. */
  #claimedBy: string | undefined;
  #again: Promise<StepFacts> | undefined;
  /** A step has found that another run has the tables. */
  #isLost = false;

  /**
   * Where the steps work, as their activities are told: with the run that has claimed the tables, at the moment of the call. It goes into
   * the calls of every step, so it is read when they spread or send it.
   */
  readonly scope: WarehouseScope;

  constructor(private readonly options: ClaimOptions) {
    const { warehouse, schema } = options.scope;
    const claimedBy = () => this.#claimedBy;
    this.scope = {
      ...options.scope,
      get claimedBy() {
        return claimedBy();
      },
    };
    this.#title = `CLAIM TABLES of ${warehouse} in schema ${schema}`;
    const step: Step = {
      ...{ id: STEP_IDS.claimTables, kind: 'claim', title: this.#title, needs: [] },
      work: (attempt) => this.#claim(attempt),
    };
    this.steps = patched(PATCH) ? [step] : [];
  }

  /** The run that had the tables when this one asked last. */
  get holder(): RunningRun | undefined {
    return this.#holder;
  }

  /**
   * The steps that work on the tables. A run that a reset has made from a later point of another's history does not come by the
   * claim's step again, and perhaps others have worked on the tables since: it claims anew before the first step it begins. So does
   * the next try of a step that has found the claim lost.
   */
  keptBy(steps: readonly Step[]): readonly Step[] {
    if (this.steps.length === 0) return steps;
    return steps.map((step) => ({
      ...step,
      work: async (attempt) => {
        await this.#claimAgain(step.id, attempt);
        try {
          return await step.work(attempt);
        } catch (error) {
          if (describeStepFailure(error)?.type === FAILURES.claimLost.type) this.#isLost = true;
          throw error;
        }
      },
    }));
  }

  /** Gives the claim back. Never throws: what fails here does no harm, and the claim's step says so. */
  async release(run: Run): Promise<void> {
    const claimedBy = this.#claimedBy;
    if (claimedBy === undefined) return;
    try {
      const release = activity('releaseTables', `RELEASE TABLES of ${this.options.scope.warehouse}`);
      await CancellationScope.nonCancellable(() => release({ ...this.options.scope, claimedBy }));
    } catch (error) {
      const reason = describeStepFailure(error)?.message ?? String(error);
      run.remark(STEP_IDS.claimTables, `the claim was not given back, later runs will ask Temporal: ${reason}`);
    }
  }

  async #claim(attempt: StepTry): Promise<StepFacts> {
    const { scope, whenBusy } = this.options;
    const waitsSince = new Date().toISOString();
    const waitedFor = new Set<string>();
    for (;;) {
      const { holder, claimedBy } = await activity('claimTables', this.#title)(scope);
      this.#holder = holder;
      this.#claimedBy = claimedBy;
      if (holder === undefined) return waitedFor.size === 0 ? {} : { note: `waited for ${[...waitedFor].join(', ')}` };
      if (whenBusy === 'fail') throw terminalFailure(FAILURES.warehouseBusy.type, busyText(scope, holder));
      waitedFor.add(`run ${holder.workflowId}`);
      const text = waitsText(holder, waitsSince);
      attempt.remark(text);
      await attempt.unlessSkipped(() => activity('waitForRun', text)(holder));
    }
  }

  /**
   * Only a reset makes the claim in the history another run's. What was live decides on the run's id and sets the patch; a replay goes
   * by the patch alone, for a replayed history does not always come with the id of its run.
   */
  async #claimAgain(step: string, attempt: StepTry): Promise<void> {
    if (this.#isLost) {
      this.#isLost = false;
      this.#again = undefined;
    } else if (this.#again === undefined && !this.#isOfReset(step)) return;
    this.#again ??= this.#claim(attempt);
    const claiming = this.#again;
    try {
      await claiming;
    } catch (error) {
      // The next step, or the next try of this one, asks again.
      if (this.#again === claiming) this.#again = undefined;
      throw error;
    }
  }

  #isOfReset(step: string): boolean {
    if (this.#claimedBy === undefined) return false;
    const { runId, unsafe } = workflowInfo();
    const mayBeReset = unsafe.isReplaying || this.#claimedBy !== runId;
    return mayBeReset && patched(`${AGAIN_PATCH}${step}`);
  }
}
