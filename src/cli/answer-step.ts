import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { processEnvironment } from '../config.js';
import type { ABORT_UPDATE, RETRY_STEP_UPDATE, SKIP_STEP_UPDATE } from '../domain/names.js';
import type { RunProgress } from '../domain/progress.js';
import { parkedSteps } from './answers.js';
import { CliError, usageError } from './cli-error.js';
import { connect, type Session } from './connect.js';
import { describeFailure } from './describe-failure.js';
import { readProgress } from './status.js';
import { openTerminal } from './terminal.js';

/** A person's answer to a parked run. */
export interface Answer {
  readonly workflowId: string;
  readonly update: typeof RETRY_STEP_UPDATE | typeof SKIP_STEP_UPDATE | typeof ABORT_UPDATE;
  readonly argument: object;
  /** The step it is about; must be one of the run. */
  readonly step?: string;
  /** What to say when it was accepted. */
  readonly accepted: string;
  readonly json: boolean;
}

/**
 * Sends an update and waits until the run has taken it.
 * @throws CliError 2 for a step that the run does not have, 1 when the run refuses the answer or is over
 */
export async function answerStep(answer: Answer): Promise<void> {
  const terminal = openTerminal(processEnvironment());
  const session = await connect();
  try {
    const progress = await readProgress(session, answer.workflowId);
    requireStep(progress, answer.step);
    await execute(session, answer);
    terminal.say(answer.accepted);
    if (answer.json) terminal.result(JSON.stringify(await readProgress(session, answer.workflowId), null, 2));
  } finally {
    await session.close();
  }
}

function requireStep(progress: RunProgress, step: string | undefined): void {
  if (step === undefined || progress.steps.some(({ id }) => id === step)) return;
  const parked = parkedSteps(progress).map(({ id }) => id);
  const known = progress.steps.map(({ id }) => id);
  const hint =
    parked.length > 0 ? `Steps that wait for an answer: ${parked.join(', ')}` : `Its steps: ${known.join(', ')}`;
  throw usageError(`${progress.workflowId} has no step "${step}". ${hint}.`);
}

async function execute(session: Session, answer: Answer): Promise<void> {
  try {
    await session.client.workflow
      .getHandle(answer.workflowId)
      .executeUpdate(answer.update, { args: [answer.argument] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CliError(`${answer.workflowId} refused: ${describeFailure(error.cause)}`, undefined, { cause: error });
    }
    if (error instanceof WorkflowNotFoundError) {
      throw new CliError(`${answer.workflowId} is over; there is nothing to answer.`, undefined, { cause: error });
    }
    throw error;
  }
}
