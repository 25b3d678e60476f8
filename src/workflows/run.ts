import {
  CancellationScope,
  defineQuery,
  isCancellation,
  setHandler,
  type WorkflowInfo,
  workflowInfo,
} from '@temporalio/workflow';
import type { CheckResult } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import { PROGRESS_QUERY } from '../domain/names.js';
import type { RunProgress, RunResult, RunStatus } from '../domain/progress.js';
import { checkStepId } from '../domain/step-titles.js';
import { describeFault, terminalFailure } from './failure-text.js';
import { Parking } from './parking.js';
import type { Step } from './step.js';
import { StepRunner } from './step-runner.js';
import { StepTable } from './step-table.js';
import { Visibility } from './visibility.js';

export interface RunOptions {
  /** Absent for workflows that know no warehouse folder. */
  readonly warehouse?: string;
  /** Cluster identifier, or host of an existing endpoint. */
  readonly cluster: string;
  readonly onFailure: 'park' | 'fail';
  readonly decisionTimeout: string;
}

/** Why a run ends before its steps are done. `cancelled`: from outside, through Temporal. */
export type EndedBy = 'cancelled' | 'aborted' | 'failed';

/** Cleans up after a run that did not complete; answers with sentences on what is left, or ''. Runs non-cancellable. */
export type Compensation = (endedBy: EndedBy) => Promise<string>;

interface Ending {
  /** Type of the run's failure, see domain/failure.ts. */
  readonly type: string;
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * One run of a workflow: its steps, what it found, how it ends, and everything people see of it. Phases declare steps and execute them;
 * standalone workflows and buildWarehouse use the same phases over one Run.
 */
export class Run {
  readonly #info: WorkflowInfo = workflowInfo();
  readonly #scope = new CancellationScope();
  readonly #visibility = new Visibility();
  readonly #table = new StepTable(() => this.#publish());
  readonly #runner: StepRunner;
  /** By the id of their step. */
  readonly #checks = new Map<string, CheckResult>();
  #tables: Readonly<Record<string, number>> = {};
  #design: string | undefined;
  #status: RunStatus = 'running';
  #ending: Ending | undefined;
  #outcome: string | undefined;
  #compensation: Compensation | undefined;

  constructor(private readonly options: RunOptions) {
    const parking = new Parking({
      decisionTimeout: options.decisionTimeout,
      find: (step) => this.#table.find(step),
      abort: (reason) => this.#abort(reason),
    });
    this.#runner = new StepRunner({
      table: this.#table,
      parking,
      options,
      isEnding: () => this.#ending !== undefined,
      end: (kind, message, cause) => this.#end({ type: FAILURES[kind].type, message, cause }),
      endNow: (kind, message, cause) => this.#endNow({ type: FAILURES[kind].type, message, cause }),
    });
    setHandler(defineQuery<RunProgress>(PROGRESS_QUERY), () => this.progress(), {
      description: 'The steps of this run and how far each is',
    });
    parking.open();
    this.#publish();
  }

  set design(design: string) {
    this.#design = design;
    this.#publish();
  }

  /** Shows steps as waiting before their turn comes. */
  declare(...steps: readonly Step[]): void {
    this.#table.declare(steps);
  }

  /** Runs declared steps as their needs allow; returns when each is done or skipped, throws when the run ends instead. */
  async execute(steps: readonly Step[]): Promise<void> {
    await this.#runner.execute(steps);
  }

  /** Runs steps while the run is ending: nothing parks; answers with the errors of those that failed. */
  async cleanUp(steps: readonly Step[]): Promise<readonly string[]> {
    return this.#runner.cleanUp(steps);
  }

  recordCheck(result: CheckResult): void {
    this.#checks.set(checkStepId(result), result);
  }

  recordTables(tables: Readonly<Record<string, number>>): void {
    this.#tables = tables;
  }

  /** At most one: what must be undone, or said, when the run does not complete. */
  compensateWith(compensation: Compensation): void {
    this.#compensation = compensation;
  }

  progress(): RunProgress {
    const { warehouse, cluster } = this.options;
    return {
      workflow: this.#info.workflowType,
      workflowId: this.#info.workflowId,
      ...(warehouse === undefined ? {} : { warehouse }),
      ...(this.#design === undefined ? {} : { design: this.#design }),
      cluster,
      status: this.#status === 'running' && this.#table.idsIn('parked').length > 0 ? 'parked' : this.#status,
      steps: this.#table.all(),
      startedAt: this.#info.runStartTime.toISOString(),
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
    };
  }

  /**
   * Carries the run out. An abort, an expired decision, a failed step under `onFailure: "fail"`, a fault and a cancellation all end
   * here: running work has stopped, the compensation runs, and the failure says why and what is left.
   */
  async carryOut(body: () => Promise<void>): Promise<RunResult> {
    try {
      await this.#scope.run(body);
    } catch (error) {
      throw await CancellationScope.nonCancellable(() => this.#close(error));
    }
    this.#status = this.#completion();
    this.#publish();
    return this.#result();
  }

  async #close(error: unknown): Promise<unknown> {
    const cancelled = this.#ending === undefined && isCancellation(error);
    this.#ending ??= cancelled ? { type: 'Cancelled', message: 'Cancelled.' } : describeFault(error);
    const { type, message, cause } = this.#ending;
    const status = cancelled ? 'cancelled' : type === FAILURES.aborted.type ? 'aborted' : 'failed';
    this.#table.closeAll();
    const left = await this.#compensation?.(status);
    this.#table.closeAll();
    this.#status = status;
    this.#outcome = left === undefined || left === '' ? message : `${message} ${left}`;
    this.#publish();
    return cancelled ? error : terminalFailure(type, this.#outcome, cause);
  }

  #abort(reason: string | undefined): boolean {
    if (this.#ending !== undefined) return false;
    const parked = this.#table.idsIn('parked');
    const waiting = parked.length === 0 ? '' : ` Parked: ${parked.join(', ')}.`;
    this.#endNow({
      type: FAILURES.aborted.type,
      message: `Aborted${reason === undefined ? '' : `: ${reason}`}.${waiting}`,
    });
    return true;
  }

  /** The first reason counts. Running steps finish; no other starts. */
  #end(ending: Ending): void {
    this.#ending ??= ending;
  }

  /** Cancels running steps as well. */
  #endNow(ending: Ending): void {
    this.#end(ending);
    this.#scope.cancel();
  }

  #result(): RunResult {
    const { workflow, workflowId, warehouse, design, cluster, steps } = this.progress();
    return {
      status: this.#completion(),
      workflow,
      workflowId,
      runId: this.#info.runId,
      ...(warehouse === undefined ? {} : { warehouse }),
      ...(design === undefined ? {} : { design }),
      cluster,
      tables: this.#tables,
      // Not in the order in which they happened to end.
      checks: steps.flatMap((step) => this.#checks.get(step.id) ?? []),
      steps,
      rejectedRows: steps.reduce((sum, step) => sum + (step.rejectedRows ?? 0), 0),
      durationMs: Date.now() - this.#info.runStartTime.getTime(),
    };
  }

  #completion(): RunResult['status'] {
    return this.#table.idsIn('skipped').length > 0 ? 'completedWithSkips' : 'completed';
  }

  #publish(): void {
    this.#visibility.publish(this.progress());
  }
}
