import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeClustersCommand, type Endpoint, RedshiftClient } from '@aws-sdk/client-redshift';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { openClient } from '../../../src/cli/connect.js';
import { queryProgress } from '../../../src/cli/watch-run.js';
import { startWorkerProcess } from '../../../src/cli/worker-process.js';
import { readConfig, silenceSdkWarnings } from '../../../src/config.js';
import type { RunProgress, RunResult } from '../../../src/domain/progress.js';
import type { ChildServer } from '../../../src/local-stack/child-server.js';
import type { LocalStack } from '../../../src/local-stack/start-local-stack.js';
import { uploadFolder } from '../../../src/local-stack/upload-folder.js';
import { uploadRecordPath } from '../../../src/local-stack/upload-record.js';
import { getTestStack } from '../../support/stack.js';
import { type Finished, type Running, startProgram, startStarshift } from './run-program.js';

/** Variable that holds the admin password of the tests' clusters; inputs name it. */
export const PASSWORD_VARIABLE = 'STARSHIFT_PASSWORD_E2E';
const PASSWORD = 'Local-e2e-Passw0rd';
const ENDED_WITHIN_MS = 120_000;

/** The whole stack with a worker, and the real command lines before it. */
export class E2eStack {
  private constructor(
    readonly stack: LocalStack,
    readonly environment: NodeJS.ProcessEnv,
    readonly client: Client,
    readonly folder: string,
    private readonly worker: ChildServer,
  ) {}

  static async start(): Promise<E2eStack> {
    silenceSdkWarnings();
    const stack = await getTestStack();
    const folder = await mkdtemp(join(tmpdir(), 'starshift-e2e-'));
    const environment = { ...process.env, ...stack.environment, [PASSWORD_VARIABLE]: PASSWORD };
    const config = readConfig(environment);
    const client = await openClient(config.temporal);
    const worker = await startWorkerProcess({
      ...{ environment, client, taskQueue: config.taskQueue },
      logFile: join(stack.stateDir, 'worker.log'),
    });
    return new E2eStack(stack, environment, client, folder, worker);
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.client.connection.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  upload(dir: string, bucket: string, prefix = 'sparkify/') {
    const recordFile = uploadRecordPath(this.stack.stateDir);
    return uploadFolder({ dir, source: dir, bucket, prefix, s3: this.stack.s3, recordFile });
  }

  /** The Temporal CLI, which finds the stack through its variables as a person's does. */
  temporal(...args: readonly string[]): Promise<Finished> {
    const command = this.stack.temporal.binary;
    return startProgram({ command, args, environment: this.environment }).finished;
  }

  startStarshift(args: readonly string[], change: NodeJS.ProcessEnv = {}): Running {
    return startStarshift(args, { ...this.environment, ...change });
  }

  starshift(...args: readonly string[]): Promise<Finished> {
    return this.startStarshift(args).finished;
  }

  /** `temporal workflow start` with this input; fails the test when the CLI does. */
  async startRun(request: {
    readonly type: string;
    readonly workflowId: string;
    readonly input: object;
  }): Promise<void> {
    const { type, workflowId, input } = request;
    const file = join(this.folder, `${workflowId}.json`);
    await writeFile(file, JSON.stringify(input));
    const args = ['--task-queue', 'starshift', '--type', type, '--workflow-id', workflowId, '--input-file', file];
    const started = await this.temporal('workflow', 'start', ...args);
    assert.equal(started.code, 0, started.stderr);
  }

  /** The run's result as the Temporal CLI prints it; fails the test when the run failed. */
  async result(workflowId: string): Promise<RunResult> {
    const { code, stdout, stderr } = await this.temporal(
      ...['workflow', 'result', '--workflow-id', workflowId, '--output', 'json'],
    );
    assert.equal(code, 0, `${workflowId} failed: ${stdout}${stderr}\n${this.workerLog()}`);
    return JSON.parse(stdout).result as RunResult;
  }

  /** Waits until the run's progress satisfies a condition. */
  async until(workflowId: string, what: string, condition: (progress: RunProgress) => boolean): Promise<RunProgress> {
    const handle = this.client.workflow.getHandle(workflowId);
    const deadline = Date.now() + ENDED_WITHIN_MS;
    let last: RunProgress | undefined;
    while (Date.now() < deadline) {
      last = (await queryProgress(handle)) ?? last;
      if (last !== undefined && condition(last)) return last;
      await delay(100);
    }
    throw new Error(`${workflowId}: ${what} did not come true: ${JSON.stringify(last, null, 2)}\n${this.workerLog()}`);
  }

  /** Waits until a step waits for an answer; its error. */
  async parkedError(workflowId: string, step: string): Promise<string> {
    const isParked = (progress: RunProgress) =>
      progress.steps.some(({ id, state }) => id === step && state === 'parked');
    const progress = await this.until(workflowId, `step ${step} parked`, isParked);
    return progress.steps.find(({ id }) => id === step)?.error?.message ?? '';
  }

  /** Rows of a query on a cluster whose admin password is the tests' own. */
  async sql(cluster: string, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect(cluster);
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** A session on a cluster whose admin password is the tests' own. */
  async connect(cluster: string): Promise<pg.Client> {
    const { Address: host, Port: port } = await this.endpoint(cluster);
    const client = new pg.Client({
      ...{ host, port, user: 'admin', password: PASSWORD, database: 'dev' },
      ssl: { ca: readFileSync(this.stack.redshift.caPath, 'utf8') },
    } as pg.ClientConfig);
    await client.connect();
    return client;
  }

  /** Where a cluster listens. */
  async endpoint(cluster: string): Promise<Endpoint> {
    const { Clusters } = await this.redshift().send(new DescribeClustersCommand({ ClusterIdentifier: cluster }));
    const endpoint = Clusters?.[0]?.Endpoint;
    if (endpoint === undefined) throw new Error(`cluster ${cluster} has no endpoint`);
    return endpoint;
  }

  /** The control plane, through the AWS SDK. */
  redshift(): RedshiftClient {
    const { accessKeyId, secretAccessKey, region } = this.stack.s3;
    const endpoint = this.stack.redshift.controlUrl;
    return new RedshiftClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  }

  workerLog(): string {
    return readFileSync(join(this.stack.stateDir, 'worker.log'), 'utf8').slice(-4_000);
  }
}
