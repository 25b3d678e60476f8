import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { PROGRESS_QUERY, RETRY_STEP_UPDATE, SEARCH_ATTRIBUTES } from '../src/domain/names.js';
import type { RunProgress, RunResult, StepProgress } from '../src/domain/progress.js';
import type { ArmedFault } from './fault-class.js';

/** How a run came to its end. */
export interface CarriedRun {
  /** Absent when it failed or did not end in time. */
  readonly result: RunResult | undefined;
  /** Why there is no result. */
  readonly problem: string | undefined;
  /** Errors of steps that parked, each time one did. */
  readonly parked: readonly string[];
}

const STATUS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, 'KEYWORD');
const LOOK_EVERY_MS = 100;
/** Within this time every call of carryRun has ended, answered or not. */
export const CALL_TIMEOUT_MS = 5_000;
/** A step that parks more often is not mended by what the person does. */
const MOST_ANSWERS = 6;

/**
 * Watches over a run like a patient person: waits, and answers each parked step with retryStep once the cause is gone. Temporal and the
 * worker may be away meanwhile.
 */
export async function carryRun(request: {
  readonly client: () => Client;
  readonly workflowId: string;
  readonly fault: Pick<ArmedFault, 'heal'>;
  readonly withinMs: number;
}): Promise<CarriedRun> {
  const { client, workflowId, fault, withinMs } = request;
  const deadline = Date.now() + withinMs;
  const parked: string[] = [];
  while (Date.now() < deadline && parked.length <= MOST_ANSWERS) {
    const state = await whileAway(client(), (from) => describe(from, workflowId));
    if (state !== undefined && state !== 'RUNNING' && state !== 'parked')
      return { ...(await outcome(request)), parked };
    if (state === 'parked') {
      const steps = (await whileAway(client(), (from) => parkedSteps(from, workflowId))) ?? [];
      if (steps.length > 0) await fault.heal();
      for (const step of steps) {
        parked.push(`${step.id}: ${step.error?.message ?? 'no error'}`);
        await whileAway(client(), (to) => retry(to, workflowId, step));
      }
    }
    await delay(LOOK_EVERY_MS);
  }
  const problem =
    parked.length > MOST_ANSWERS
      ? `parks again and again: ${parked.at(-1)}`
      : `did not end within ${Math.round(withinMs / 1_000)} s`;
  return { result: undefined, problem, parked };
}

async function describe(client: Client, workflowId: string): Promise<string> {
  const { status, typedSearchAttributes } = await handleOf(client, workflowId).describe();
  return status.name === 'RUNNING' && typedSearchAttributes.get(STATUS) === 'parked' ? 'parked' : status.name;
}

async function parkedSteps(client: Client, workflowId: string): Promise<readonly StepProgress[]> {
  const { steps } = await handleOf(client, workflowId).query<RunProgress>(PROGRESS_QUERY);
  return steps.filter(({ state }) => state === 'parked');
}

async function retry(client: Client, workflowId: string, step: StepProgress): Promise<void> {
  await handleOf(client, workflowId).executeUpdate(RETRY_STEP_UPDATE, { args: [{ step: step.id }] });
}

async function outcome(request: {
  readonly client: () => Client;
  readonly workflowId: string;
}): Promise<Pick<CarriedRun, 'result' | 'problem'>> {
  const { client, workflowId } = request;
  try {
    const result: RunResult = await handleOf(client(), workflowId).result();
    return { result, problem: undefined };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { result: undefined, problem: `the run failed: ${error instanceof Error ? error.message : error}${cause}` };
  }
}

function handleOf(client: Client, workflowId: string): WorkflowHandle {
  return client.workflow.getHandle(workflowId);
}

/** Undefined while Temporal or the worker does not answer; the caller asks again. */
async function whileAway<Answer>(
  client: Client,
  ask: (client: Client) => Promise<Answer>,
): Promise<Answer | undefined> {
  return client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => ask(client)).catch(() => undefined);
}
