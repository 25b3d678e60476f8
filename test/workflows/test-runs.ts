import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { PROGRESS_QUERY, SEARCH_ATTRIBUTES_PATCH, type WorkflowName } from '../../src/domain/names.js';
import type { RunProgress, RunResult, StepProgress } from '../../src/domain/progress.js';
import { registerSearchAttributes } from '../../src/worker/search-attributes.js';
import { getTestStack } from '../support/stack.js';
import { FakeActivities } from './fake-activities.js';

export const TARGET = {
  host: 'redshift.example.com',
  database: 'dev',
  user: 'admin',
  password: { env: 'STARSHIFT_PASSWORD' },
};
export const SOURCE = { url: 's3://music/' };
export const CLUSTER = { identifier: 'music' };
export const LOAD = { target: TARGET, warehouse: 'music', source: SOURCE };
export const BUILD_CLUSTER = { warehouse: 'music', source: SOURCE, cluster: CLUSTER };

/** Recorded histories keep it: no process id, no machine. */
const IDENTITY = 'test';

const DEADLINE_MS = 20_000;

/** The product's workflows on a real Temporal dev server, with activities that the test controls. */
export class TestRuns {
  readonly activities = new FakeActivities();
  readonly taskQueue = `test-${randomUUID()}`;

  private constructor(
    readonly client: Client,
    private readonly worker: Worker,
    private readonly running: Promise<void>,
    private readonly closeConnections: () => Promise<void>,
  ) {}

  /** `namespace`: one that exists; by default the stack's own. */
  static async begin(
    options: { readonly searchAttributes?: boolean; readonly namespace?: string } = {},
  ): Promise<TestRuns> {
    const { temporal } = await getTestStack({ temporal: true, s3: false, redshift: false });
    quietRuntime();
    const { address } = temporal;
    const namespace = options.namespace ?? temporal.namespace;
    const native = await NativeConnection.connect({ address });
    const connection = await Connection.connect({ address });
    const searchable = options.searchAttributes ?? (await registerSearchAttributes(native, namespace)).registered;
    const activities = new FakeActivities();
    const taskQueue = `test-${randomUUID()}`;
    const worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue,
      identity: IDENTITY,
      workflowBundle: await workflowBundle(),
      activities: activities.forWorker(),
      patchActivationCallback: ({ patchId }) => patchId !== SEARCH_ATTRIBUTES_PATCH || searchable,
      maxHeartbeatThrottleInterval: '200 ms',
    });
    const running = worker.run();
    const runs = new TestRuns(new Client({ connection, namespace, identity: IDENTITY }), worker, running, async () => {
      await connection.close();
      await native.close();
    });
    return Object.assign(runs, { activities, taskQueue });
  }

  async end(): Promise<void> {
    this.worker.shutdown();
    await this.running;
    await this.closeConnections();
  }

  async start(workflow: WorkflowName, ...args: readonly unknown[]): Promise<TestRun> {
    const handle = await this.client.workflow.start(workflow, {
      taskQueue: this.taskQueue,
      workflowId: `${workflow}-${randomUUID()}`,
      args: [...args],
    });
    return new TestRun(handle);
  }
}

/** One started run. */
export class TestRun {
  constructor(readonly handle: WorkflowHandle) {}

  async result(): Promise<RunResult> {
    return (await this.handle.result()) as RunResult;
  }

  progress(): Promise<RunProgress> {
    return this.handle.query<RunProgress>(PROGRESS_QUERY);
  }

  async step(id: string): Promise<StepProgress> {
    const { steps } = await this.progress();
    const step = steps.find((candidate) => candidate.id === id);
    assert.ok(step, `no step ${id} among ${steps.map((one) => one.id).join(', ')}`);
    return step;
  }

  async states(): Promise<Record<string, string>> {
    const { steps } = await this.progress();
    return Object.fromEntries(steps.map((step) => [step.id, step.state]));
  }

  /** Polls until the step is in the state. */
  async until(id: string, state: StepProgress['state']): Promise<StepProgress> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const step = (await this.progress()).steps.find((candidate) => candidate.id === id);
      if (step?.state === state) return step;
      assert.ok(Date.now() < deadline, `${id} is ${step?.state}, not ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Polls until the step says what it is waiting for. */
  async untilNoted(id: string): Promise<string> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const { note } = await this.step(id);
      if (note !== undefined) return note;
      assert.ok(Date.now() < deadline, `${id} has no note`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resets to the workflow task that scheduled the first activity of this type; the run that the reset makes. */
  async resetBefore(activityType: string): Promise<TestRun> {
    const { client, workflowId } = this.handle;
    const { events } = await this.handle.fetchHistory();
    const scheduled = events?.find(
      ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === activityType,
    );
    const point = scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId;
    assert.ok(point, `no ${activityType} in the history`);
    const { runId } = await client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      workflowTaskFinishEventId: point,
      requestId: randomUUID(),
      reason: 'test',
    });
    return new TestRun(client.getHandle(workflowId, runId));
  }

  /** What the Web UI shows as current details. */
  async details(): Promise<string> {
    const metadata = await this.handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  }

  /** The failure that ended the run. */
  async failure(): Promise<ApplicationFailure> {
    const error = await this.handle.result().then(
      () => assert.fail('the run completed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof WorkflowFailedError, String(error));
    assert.ok(error.cause instanceof ApplicationFailure, String(error.cause));
    return error.cause;
  }
}

/** An activity that begins when the workflow wants it and ends when the test does. */
export class Gate {
  readonly begun: Promise<void>;
  readonly opened: Promise<void>;
  #begin: () => void = () => undefined;
  #open: () => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  pass(): Promise<void> {
    this.#begin();
    return this.opened;
  }

  open(): void {
    this.#open();
  }
}

let bundle: ReturnType<typeof bundleWorkflowCode> | undefined;

/** Bundled once for all test files of a mocha process. */
export function workflowBundle(): ReturnType<typeof bundleWorkflowCode> {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  bundle ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  return bundle;
}

let quiet = false;

/** Failing activities are what these tests are about: their stack traces are no news. Once a process. */
export function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}
