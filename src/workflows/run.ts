import {
  CancellationScope,
  defineQuery,
  isCancellation,
  setHandler,
  type WorkflowInfo,
  workflowInfo,
} from '@temporalio/workflow';
import { answersTo } from '../domain/answers.js';
import { describeEnding } from '../domain/ending.js';
import type { CheckResult } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { LoadMode } from '../domain/input.js';
import { PROGRESS_QUERY } from '../domain/names.js';
import { printableLine } from '../domain/printable.js';
import type { RunProgress, RunResult, RunStatus, StepProgress } from '../domain/progress.js';
import { runResult } from '../domain/run-result.js';
import { checkStepId } from '../domain/step-titles.js';
import { describeFault, terminalFailure } from './failure-text.js';
import { Notifier } from './notifier.js';
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
  /** Of runs that load. */
  readonly mode?: LoadMode;
}

/** Progress is asked for often; the log has all of them. */
const MOST_NOTICES = 20;

/** Why a run ends before its steps are done. `cancelled`: from outside, through Temporal. */
export type EndedBy = 'cancelled' | 'aborted' | 'failed';

/** Cleans up after a run that did not complete; answers with sentences on what is left, or ''. Runs non-cancellable. */
export type Compensation = (endedBy: EndedBy) => Promise<string>;

interface Ending {
  /** Type of the run's failure, see domain/failure.ts. */
  readonly type: string;
  readonly message: string;
  /** The step that ended the run. */
  readonly step?: string | undefined;
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
  #farewell: (() => Promise<void>) | undefined;
  readonly #notices: string[] = [];
  readonly #notifier = new Notifier({ progress: () => this.progress(), note: (text) => this.#note(text) });

  constructor(private readonly options: RunOptions) {
    const parking = new Parking({
      decisionTimeout: options.decisionTimeout,
      isIncremental: options.mode === 'incremental',
      find: (step) => this.#table.find(step),
      abort: (reason) => this.#abort(reason),
    });
    this.#runner = new StepRunner({
      table: this.#table,
      parking,
      notifier: this.#notifier,
      options,
      isEnding: () => this.#ending !== undefined,
      end: (kind, message, about) => this.#end({ type: FAILURES[kind].type, message, ...about }),
      endNow: (kind, message, about) => this.#endNow({ type: FAILURES[kind].type, message, ...about }),
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

  /** Puts a remark to a step that has ended. */
  remark(step: string, note: string): void {
    this.#table.remark(step, note);
  }

  recordCheck(result: CheckResult): void {
    this.#checks.set(checkStepId(result), result);
  }

  recordTables(tables: Readonly<Record<string, number>>): void {
    this.#tables = tables;
  }

  /** At most one: what the run does last, however it ends, when all else is done. It must not throw. */
  endWith(farewell: () => Promise<void>): void {
    this.#farewell = farewell;
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
      steps: this.#table.all().map((step) => this.#withAnswers(step)),
      startedAt: this.#info.runStartTime.toISOString(),
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
      ...(this.#notices.length === 0 ? {} : { notices: [...this.#notices] }),
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
    await CancellationScope.nonCancellable(async () => this.#farewell?.());
    this.#status = this.#completion();
    this.#publish();
    await this.#notifier.tellEnd(this.#completion());
    return this.#result();
  }

  async #close(error: unknown): Promise<unknown> {
    const cancelled = this.#ending === undefined && isCancellation(error);
    this.#ending ??= cancelled ? { type: 'Cancelled', message: 'Cancelled.' } : describeFault(error);
    const { type, message, step, cause } = this.#ending;
    const status = cancelled ? 'cancelled' : type === FAILURES.aborted.type ? 'aborted' : 'failed';
    this.#table.closeAll();
    const left = await this.#compensation?.(status);
    await this.#farewell?.();
    this.#table.closeAll();
    this.#status = status;
    const reason = left === undefined || left === '' ? message : `${message} ${left}`;
    this.#outcome = cancelled ? reason : describeEnding({ reason, steps: this.#table.all(), run: this.#address() });
    this.#publish();
    await this.#notifier.tellEnd(type === FAILURES.decisionExpired.type ? 'expired' : status, step);
    return cancelled ? error : terminalFailure(type, this.#outcome, cause);
  }

  #withAnswers(step: StepProgress): StepProgress {
    return step.state === 'parked' ? { ...step, answers: answersTo(step, this.#address()) } : step;
  }

  #address() {
    const { workflowId, runId, namespace } = this.#info;
    return { workflowId, runId, namespace };
  }

  #note(text: string): void {
    if (this.#notices.length < MOST_NOTICES) this.#notices.push(printableLine(text));
    this.#publish();
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
    const { runId, runStartTime } = this.#info;
    const durationMs = Date.now() - runStartTime.getTime();
    const found = { tables: this.#tables, checks: this.#checks };
    return runResult({ progress: this.progress(), status: this.#completion(), runId, ...found, durationMs });
  }

  #completion(): RunResult['status'] {
    return this.#table.idsIn('skipped').length > 0 ? 'completedWithSkips' : 'completed';
  }

  #publish(): void {
    this.#visibility.publish(this.progress());
  }
}
