import type { WorkflowHandle } from '@temporalio/client';
import { WORKFLOWS } from '../domain/names.js';
import { temporalFlags } from './answers.js';
import type { Session } from './connect.js';
import { describeFailure } from './describe-failure.js';
import { shellQuote } from './format.js';
import { listPollers, noWorkerNotice } from './task-queue-pollers.js';

/** Why nobody answers for a run, and what to do about it. */
export async function describeSilence(session: Session, handle: WorkflowHandle): Promise<string> {
  const { status, type, taskQueue } = await handle.describe();
  const run = `${type} ${handle.workflowId} is ${status.name.toLowerCase()}`;
  if (!WORKFLOWS.some((known) => known === type)) {
    const terminate = `temporal workflow terminate${temporalFlags(session)} --workflow-id ${shellQuote(handle.workflowId)}`;
    const way = status.name === 'RUNNING' ? ` End this run (${terminate}) and start one of those.` : '';
    return `${run}, but there is no workflow "${type}". Workflows: ${WORKFLOWS.join(', ')}.${way}`;
  }
  const unseen = `${run}, but its steps cannot be shown`;
  const pollers = await listPollers(session.client, taskQueue);
  if (status.name !== 'RUNNING') {
    const ended = await handle.result().then(() => '', describeFailure);
    const who = pollers.length === 0 ? `no worker polls task queue "${taskQueue}"` : 'no worker answered';
    return `${unseen}: ${who}.${ended === '' ? '' : `\n${ended}`}`;
  }
  if (pollers.length === 0) return `${unseen}. ${noWorkerNotice(taskQueue)}`;
  const failure = await lastTaskFailure(handle);
  if (failure === undefined) return `${unseen}: ${pollersText(pollers)}. Try again.`;
  return `${unseen}: the worker fails at it, again and again: ${failure}\nThe worker's log says more; it goes on by itself with a worker that can.`;
}

async function lastTaskFailure(handle: WorkflowHandle): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  const failed = (events ?? []).findLast((event) => event.workflowTaskFailedEventAttributes);
  return failed?.workflowTaskFailedEventAttributes?.failure?.message ?? undefined;
}

/** Workers that do not answer, by their identities. */
export function pollersText(pollers: readonly string[]): string {
  const [first = '', ...others] = pollers;
  if (others.length === 0) return `worker ${first} polls its task queue but did not answer`;
  return `workers ${[first, ...others.slice(0, -1)].join(', ')} and ${others.at(-1)} poll its task queue but did not answer`;
}
