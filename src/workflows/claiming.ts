import { patched } from '@temporalio/workflow';
import type { WarehouseScope } from '../activities/activities.js';
import type { RunningRun } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { WhenBusy } from '../domain/input.js';
import { busyText, STEP_IDS, waitsText } from '../domain/step-titles.js';
import { terminalFailure } from './failure-text.js';
import { activity } from './policies.js';
import type { Step, StepFacts, StepTry } from './step.js';

/** Runs that began before there were claims go on without. */
const PATCH = 'claim-tables';

export interface ClaimOptions {
  readonly scope: WarehouseScope;
  readonly whenBusy: WhenBusy;
}

/**
 * The step that keeps runs on the same tables apart: it ends when no other run has them. The claim lasts until this run has ended,
 * however it ends. Skipped, the run goes on beside the other one.
 */
export class Claiming {
  readonly steps: readonly Step[];
  #holder: RunningRun | undefined;

  constructor(private readonly options: ClaimOptions) {
    const { warehouse, schema } = options.scope;
    const title = `CLAIM TABLES of ${warehouse} in schema ${schema}`;
    const work = (attempt: StepTry) => this.#claim(title, attempt);
    this.steps = patched(PATCH) ? [{ id: STEP_IDS.claimTables, kind: 'claim', title, needs: [], work }] : [];
  }

  /** The run that had the tables when this one asked last. */
  get holder(): RunningRun | undefined {
    return this.#holder;
  }

  async #claim(title: string, attempt: StepTry): Promise<StepFacts> {
    const { scope, whenBusy } = this.options;
    const waitsSince = new Date().toISOString();
    const waitedFor = new Set<string>();
    for (;;) {
      const { holder } = await activity('claimTables', title)(scope);
      this.#holder = holder;
      if (holder === undefined) return waitedFor.size === 0 ? {} : { note: `waited for ${[...waitedFor].join(', ')}` };
      if (whenBusy === 'fail') throw terminalFailure(FAILURES.warehouseBusy.type, busyText(scope, holder));
      waitedFor.add(`run ${holder.workflowId}`);
      const text = waitsText(holder, waitsSince);
      attempt.remark(text);
      await activity('waitForRun', text)(holder);
    }
  }
}
