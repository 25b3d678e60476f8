import { createHash } from 'node:crypto';
import { type Client, type WorkflowHandle, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { RETRY_STEP_UPDATE } from '../../domain/names.js';
import { parkedSteps } from '../answers.js';
import { queryProgress } from '../watch-run.js';

/** Id of the demo's run: the same at every start, so that a start finds what an earlier one left. */
export const DEMO_WORKFLOW_ID = 'starshift-demo';
/** The cluster, the bucket and the prefix that the files in examples/ name as well. */
export const DEMO_CLUSTER = 'starshift-demo';
export const DEMO_BUCKET = 'starshift-demo';
export const DEMO_PREFIX = 'sparkify/';
export const DEMO_WAREHOUSE = 'sparkify';

/** What the demo loads and how; two starts with the same request are one run. */
export interface DemoRequest {
  /** @default the warehouse's own default */
  readonly design: string | undefined;
  readonly region: string;
  /** Of the data's files. */
  readonly fingerprint: string;
}

/** Input of buildWarehouse. */
export function demoInput({ design, region }: DemoRequest) {
  return {
    warehouse: DEMO_WAREHOUSE,
    ...(design === undefined ? {} : { design }),
    source: { url: `s3://${DEMO_BUCKET}/${DEMO_PREFIX}`, region },
    cluster: { identifier: DEMO_CLUSTER },
    recreate: true,
  };
}

/**
 * Starts the demo's run. One that an earlier start left behind goes on if it does the same with the same data, its failed steps
 * tried again; else it is terminated first.
 */
export async function startOrContinue(request: {
  readonly client: Client;
  readonly taskQueue: string;
  readonly demo: DemoRequest;
  readonly say: (text: string) => void;
}): Promise<WorkflowHandle> {
  const { client, taskQueue, demo, say } = request;
  const input = demoInput(demo);
  const memo = {
    starshiftDemo: createHash('sha256')
      .update(JSON.stringify([input, demo.fingerprint]))
      .digest('hex'),
  };
  const left = await findRunning(client);
  if (left !== undefined && left.memo === memo.starshiftDemo) {
    say('An earlier run with the same input was interrupted: it goes on.');
    await retryParked(left.handle, say);
    return left.handle;
  }
  if (left !== undefined) {
    say('An earlier run with another input was interrupted: it is terminated, and a new one starts.');
    await left.handle.terminate('replaced by a demo with another input');
  }
  return client.workflow.start('buildWarehouse', {
    workflowId: DEMO_WORKFLOW_ID,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    taskQueue,
    args: [input],
    memo,
    staticSummary: `Demo: build ${DEMO_WAREHOUSE}${demo.design === undefined ? '' : ` by design ${demo.design}`}`,
  });
}

async function findRunning(client: Client) {
  const handle = client.workflow.getHandle(DEMO_WORKFLOW_ID);
  try {
    const { status, memo } = await handle.describe();
    return status.name === 'RUNNING' ? { handle, memo: memo?.starshiftDemo } : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Whoever starts the demo again has mended what was wrong, or wants to see it again. */
async function retryParked(handle: WorkflowHandle, say: (text: string) => void): Promise<void> {
  const progress = await queryProgress(handle);
  for (const { id } of progress === undefined ? [] : parkedSteps(progress)) {
    say(`Step ${id} had failed: it is tried again.`);
    await handle.executeUpdate(RETRY_STEP_UPDATE, { args: [{ step: id }] });
  }
}
