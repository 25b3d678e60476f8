import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import type { Client } from '@temporalio/client';
import { openClient } from '../src/cli/connect.js';
import { startWorkerProcess } from '../src/cli/worker-process.js';
import { type Environment, readConfig } from '../src/config.js';
import type { ChildServer } from '../src/local-stack/child-server.js';
import { type LocalStack, startLocalStack } from '../src/local-stack/start-local-stack.js';

export const CLUSTER = 'bench';
/** Named by the runs' inputs; the direct client uses its value. */
export const PASSWORD_VARIABLE = 'STARSHIFT_PASSWORD_BENCH';
export const PASSWORD = 'Local-bench-Passw0rd';
export const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };

/** A stack and a worker of the benchmark's own, on free ports, beside whatever else runs. */
export interface BenchStack {
  readonly stack: LocalStack;
  readonly client: Client;
  readonly taskQueue: string;
  /** Where the cluster listens, and the role that its COPY assumes. */
  endpoint(): Promise<{ readonly host: string; readonly port: number; readonly iamRole: string }>;
  stop(): Promise<void>;
}

/** Starts everything; `say` hears what takes long. */
export async function startBenchStack(request: {
  readonly folder: string;
  readonly base: Environment;
  readonly say: (text: string) => void;
}): Promise<BenchStack> {
  const { folder, base, say } = request;
  await mkdir(folder, { recursive: true });
  const stack = await startLocalStack({
    stateDir: join(folder, 'state'),
    environment: { ...base, TEMPORAL_ADDRESS: undefined },
    ports: { temporal: 0, ui: 0, s3: 0, controlPlane: 0, redshift: 0 },
    onProgress: ({ part, message, ongoing }) => (ongoing ? undefined : say(`${part}: ${message}`)),
  });
  let worker: ChildServer | undefined;
  try {
    const environment = { ...base, ...stack.environment, [PASSWORD_VARIABLE]: PASSWORD };
    const config = readConfig(environment);
    const client = await openClient(config.temporal);
    const { taskQueue } = config;
    const logFile = join(folder, 'worker.log');
    worker = await startWorkerProcess({ environment, client, taskQueue, logFile });
    const running = worker;
    return {
      ...{ stack, client, taskQueue },
      endpoint: () => findEndpoint(stack),
      stop: async () => {
        await running.stop();
        await client.connection.close();
        await stack.stop();
      },
    };
  } catch (error) {
    await worker?.stop();
    await stack.stop();
    throw error;
  }
}

async function findEndpoint(stack: LocalStack) {
  const { accessKeyId, secretAccessKey, region } = stack.s3;
  const credentials = { accessKeyId, secretAccessKey };
  const redshift = new RedshiftClient({ endpoint: stack.redshift.controlUrl, region, credentials });
  const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: CLUSTER }));
  const { Endpoint, IamRoles } = Clusters?.[0] ?? {};
  const iamRole = IamRoles?.[0]?.IamRoleArn;
  if (Endpoint?.Address === undefined || Endpoint.Port === undefined || iamRole === undefined) {
    throw new Error(`cluster ${CLUSTER} has no endpoint or no role`);
  }
  return { host: Endpoint.Address, port: Endpoint.Port, iamRole };
}
