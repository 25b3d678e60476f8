import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import type { Client } from '@temporalio/client';
import { openClient } from '../src/cli/connect.js';
import { type Environment, readConfig } from '../src/config.js';
import type { RunResult } from '../src/domain/progress.js';
import { CALL_TIMEOUT_MS } from './carry-run.js';
import { FaultSwitch } from './fault-rules.js';
import { FaultServers } from './fault-servers.js';
import { FaultWorker } from './fault-worker.js';
import type { Sample } from './samples.js';
import { BUCKET, SourceBucket } from './source-bucket.js';
import { type Contents, readContents } from './verify/table-contents.js';
import { readWarehouseShape, WAREHOUSE, type WarehouseShape } from './warehouse-shape.js';
import { type SqlEndpoint, withWarehouse } from './warehouse-sql.js';

export const CLUSTER = 'faults';
const PASSWORD_VARIABLE = 'STARSHIFT_PASSWORD_FAULTS';
const PASSWORD = 'Local-faults-Passw0rd';

/** Names the cluster in inputs. */
export const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };

export interface FaultBenchOptions {
  /** State and logs, emptied at the start; one folder a bench. */
  readonly folder: string;
  readonly base: Environment;
  /** Run the worker from src/ instead of dist/. */
  readonly sources: boolean;
  readonly say: (text: string) => void;
}

/** A stack with a cluster and a worker, on which runs are disturbed one after another. */
export class FaultBench {
  readonly faults: FaultSwitch;
  readonly bucket: SourceBucket;
  readonly #undisturbed = new Map<string, Contents>();
  readonly #workers: FaultWorker[] = [];
  /** Connections to a Temporal that was killed. */
  readonly #retired: { readonly client: Client; readonly at: number }[] = [];
  #client: Client | undefined;
  #endpoint: SqlEndpoint | undefined;
  #workerStarts = 0;

  private constructor(
    private readonly options: FaultBenchOptions,
    readonly servers: FaultServers,
    readonly shape: WarehouseShape,
  ) {
    this.faults = new FaultSwitch(servers.controlUrl);
    this.bucket = new SourceBucket(servers.directS3);
  }

  static async start(options: FaultBenchOptions): Promise<FaultBench> {
    const { folder, base, say } = options;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const environment = { ...base, TEMPORAL_ADDRESS: undefined };
    const servers = await FaultServers.start({ stateDir: join(folder, 'state'), environment, say });
    const bench = new FaultBench(options, servers, await readWarehouseShape());
    try {
      await bench.#open();
      return bench;
    } catch (error) {
      await bench.stop();
      throw error;
    }
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('the connection to Temporal is not open');
    return this.#client;
  }

  get endpoint(): SqlEndpoint {
    if (this.#endpoint === undefined) throw new Error('the cluster is not provisioned');
    return this.#endpoint;
  }

  get taskQueue(): string {
    return readConfig(this.#environment()).taskQueue;
  }

  /** The worker that was started last. */
  get worker(): FaultWorker {
    const worker = this.#workers.at(-1);
    if (worker === undefined) throw new Error('no worker was started');
    return worker;
  }

  /** Another worker beside those that run. */
  async startWorker(): Promise<FaultWorker> {
    this.#workerStarts += 1;
    const worker = await FaultWorker.start({
      ...{ environment: this.#environment(), client: () => this.client, taskQueue: this.taskQueue },
      logFile: join(this.servers.logsFolder, `worker-${this.#workerStarts}.log`),
      sources: this.options.sources,
    });
    this.#workers.push(worker);
    return worker;
  }

  /** SIGKILL, `downMs` later a new start; with a new connection of our own, because the old one backs off. */
  async restartTemporal(downMs: number): Promise<void> {
    this.servers.killTemporal();
    await delay(downMs);
    await this.servers.startTemporal();
    this.#retired.push({ client: this.client, at: Date.now() });
    await this.#connect();
  }

  /** SIGKILL, `downMs` later a new start, until the cluster is available. */
  async restartRedshift(downMs: number): Promise<void> {
    this.servers.killRedshift();
    await delay(downMs);
    await this.servers.startRedshift();
    await this.untilCluster('available');
  }

  /** Waits until the cluster is in this state. */
  async untilCluster(status: string): Promise<void> {
    const redshift = this.openRedshift();
    const deadline = Date.now() + 60_000;
    try {
      for (;;) {
        const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: CLUSTER }));
        if (Clusters?.[0]?.ClusterStatus === status) return;
        if (Date.now() > deadline)
          throw new Error(`cluster ${CLUSTER} is ${Clusters?.[0]?.ClusterStatus}, not ${status}`);
        await delay(100);
      }
    } finally {
      redshift.destroy();
    }
  }

  /** The control plane; the caller destroys it. */
  openRedshift(): RedshiftClient {
    const { accessKeyId, secretAccessKey, region } = this.servers.directS3;
    return new RedshiftClient({
      ...{ endpoint: this.servers.controlUrl, region, credentials: { accessKeyId, secretAccessKey } },
    });
  }

  /** Runs a workflow to its end, undisturbed. */
  async execute(type: string, request: { readonly workflowId: string; readonly input: object }): Promise<RunResult> {
    const { workflowId, input } = request;
    const args = [{ ...input, onFailure: 'fail' }];
    return (await this.client.workflow.execute(type, { workflowId, taskQueue: this.taskQueue, args })) as RunResult;
  }

  /** Contents of the tables after a full load of all files that nothing disturbed; loaded at the first call. */
  async undisturbed(sample: Sample): Promise<Contents> {
    const known = this.#undisturbed.get(sample.name);
    if (known !== undefined) return known;
    const schema = `undisturbed_${sample.name}`;
    await this.bucket.replace(`${schema}/`, sample.files);
    const place = { warehouse: WAREHOUSE, schema, target: TARGET };
    await this.execute('buildWarehouse', {
      workflowId: `faults-${schema}`,
      input: { ...place, source: { url: `s3://${BUCKET}/${schema}/` } },
    });
    const tables = this.shape.tables;
    const contents = await withWarehouse(this.endpoint, (sql) => readContents(sql, { schema, tables }));
    this.#undisturbed.set(sample.name, contents);
    return contents;
  }

  /** Takes all faults away and leaves exactly one healthy worker. */
  async reset(): Promise<void> {
    await this.faults.clear(CLUSTER);
    this.servers.proxy.setRules([]);
    const alive: FaultWorker[] = [];
    for (const worker of this.#workers.splice(0)) if (await worker.isRunning()) alive.push(worker);
    for (const worker of alive.slice(0, -1)) worker.kill();
    const last = alive.at(-1);
    if (last === undefined) await this.startWorker();
    else this.#workers.push(last);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers.splice(0)) {
      worker.wake();
      await worker.stop();
    }
    await this.#client?.connection.close();
    await this.#closeRetired();
    this.bucket.close();
    await this.servers.stop();
  }

  async #open(): Promise<void> {
    await this.bucket.create();
    await this.#connect();
    await this.startWorker();
    const cluster = { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } };
    const input = { cluster, source: { url: `s3://${BUCKET}/` } };
    await this.execute('provisionWarehouse', { workflowId: 'faults-provision', input });
    this.#endpoint = await this.#findEndpoint();
  }

  /** A call that is tried again on a closed connection ends the process: they must be over first. */
  async #closeRetired(): Promise<void> {
    for (const { client, at } of this.#retired.splice(0)) {
      await delay(Math.max(0, at + 2 * CALL_TIMEOUT_MS - Date.now()));
      await client.connection.close();
    }
  }

  async #connect(): Promise<void> {
    this.#client = await openClient(readConfig(this.#environment()).temporal);
  }

  async #findEndpoint(): Promise<SqlEndpoint> {
    const redshift = this.openRedshift();
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: CLUSTER }));
    redshift.destroy();
    const { Endpoint, DBName = '', MasterUsername = '' } = Clusters?.[0] ?? {};
    if (Endpoint?.Address === undefined || Endpoint.Port === undefined) throw new Error('the cluster has no endpoint');
    return {
      ...{ host: Endpoint.Address, port: Endpoint.Port, database: DBName, user: MasterUsername, password: PASSWORD },
      caPath: this.servers.caPath,
    };
  }

  #environment(): Environment {
    return { ...this.options.base, ...this.servers.stackEnvironment(), [PASSWORD_VARIABLE]: PASSWORD };
  }
}
