import type { Client } from '@temporalio/client';

/** TaskQueueType of the Temporal API: workflow tasks. */
const WORKFLOW_TASKS = 1;
/** A poll lasts a minute: a worker that has not come back for longer is gone. */
const POLL_LASTS_MS = 75_000;

/** Identities (`pid@host` by default) of the workers that poll a task queue. */
export async function listPollers(client: Client, taskQueue: string): Promise<readonly string[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  });
  const now = Date.now();
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLL_LASTS_MS)
    .map(({ identity }) => identity ?? '');
}

/** What to tell a person whose run nobody will work on. */
export function noWorkerNotice(taskQueue: string): string {
  return `No worker polls task queue "${taskQueue}", so the run waits. Start one in another terminal: npx starshift worker`;
}
