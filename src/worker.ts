import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/create-activities.js';
import { type Adapters, createAdapters } from './adapters/adapters.js';
import { openTemporalRuns } from './adapters/temporal/temporal-runs.js';
import { ConfigError, readWorkerConfig, type WorkerConfig } from './config.js';
import { SEARCH_ATTRIBUTES_PATCH } from './domain/names.js';
import { connectTemporal } from './worker/connect-temporal.js';
import { installLogging } from './worker/logging.js';
import { registerSearchAttributes } from './worker/search-attributes.js';
import { WorkerError } from './worker/worker-error.js';
import { findWorkflowCode } from './worker/workflow-code.js';

/** A worker that polls its task queue. */
export interface RunningWorker {
  /** Resolves when it has stopped in order; rejects when it failed. */
  readonly stopped: Promise<void>;
  /** Takes no more work, lets running activities end within the grace time, and resolves like `stopped`. */
  stop(): Promise<void>;
}

/** Running activities may end by themselves for so long after a stop; then they are cancelled, and with them their SQL. */
const SHUTDOWN_GRACE = '10 seconds';
/** Whatever has not ended by then is left to the next worker: a heartbeat timeout tells Temporal. */
const SHUTDOWN_FORCE = '15 seconds';
/** Cancellation comes back with a heartbeat, so this bounds how late an activity hears of it. */
const HEARTBEAT_THROTTLE = '1 second';

/**
 * Starts a worker: the composition root of adapters, activities and workflows.
 * @throws WorkerError when Temporal cannot be reached, with the setting to mend
 */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  installLogging((line) => process.stderr.write(`${line}\n`));
  const connection = await connectTemporal(config.temporal);
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const adapters = createAdapters(config, openTemporalRuns(client));
  try {
    const worker = await createWorker({ config, connection, adapters });
    const stopped = worker.run().finally(() => release(connection, adapters));
    return {
      stopped,
      stop: () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        return stopped;
      },
    };
  } catch (error) {
    await release(connection, adapters);
    throw error;
  }
}

/**
 * Starts a worker and resolves when SIGINT or SIGTERM has stopped it. One that cannot start says why on stderr, and the process
 * will exit with 1.
 */
export async function runWorker(config: WorkerConfig): Promise<void> {
  try {
    const { stopped } = await startWorker(config);
    await stopped;
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    refuse(error.message);
  }
}

interface WorkerParts {
  readonly config: WorkerConfig;
  readonly connection: NativeConnection;
  readonly adapters: Adapters;
}

async function createWorker({ config, connection, adapters }: WorkerParts): Promise<Worker> {
  const { namespace } = config.temporal;
  const { registered, reason } = await registerSearchAttributes(connection, namespace);
  if (reason !== undefined) Runtime.instance().logger.warn(reason);
  return Worker.create({
    connection,
    namespace,
    taskQueue: config.taskQueue,
    ...findWorkflowCode(),
    activities: createActivities(adapters),
    // Asked once a run, outside of replays; the answer stands in the run's history.
    patchActivationCallback: ({ patchId }) => patchId !== SEARCH_ATTRIBUTES_PATCH || registered,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
  });
}

async function release(connection: NativeConnection, adapters: Adapters): Promise<void> {
  adapters.close();
  await connection.close();
}

async function main(): Promise<void> {
  try {
    await runWorker(readWorkerConfig());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refuse(error.message);
  }
}

function refuse(message: string): void {
  process.stderr.write(`starshift worker: ${message}\n`);
  process.exitCode = 1;
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) await main();
