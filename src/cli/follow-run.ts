import type { WorkflowHandle } from '@temporalio/client';
import { temporalFlags } from './answers.js';
import { EXIT, type ExitCode } from './cli-error.js';
import type { Session } from './connect.js';
import { describeFailure } from './describe-failure.js';
import { shellQuote } from './format.js';
import { RunView } from './run-view.js';
import { summaryLines } from './summary.js';
import { listPollers, noWorkerNotice } from './task-queue-pollers.js';
import type { Terminal } from './terminal.js';
import { type RunOutcome, watchRun } from './watch-run.js';

/** How to follow a run that a command started. */
export interface FollowOptions {
  readonly session: Session;
  readonly handle: WorkflowHandle;
  readonly terminal: Terminal;
  /** Stops following; the run goes on. */
  readonly signal: AbortSignal;
}

/** Shows a run until it ends. Without a terminal there is nobody to answer, so it stops at a run that waits for a person. */
export async function followRun(options: FollowOptions): Promise<RunOutcome> {
  const { session, handle, terminal, signal } = options;
  const view = new RunView(terminal, session);
  try {
    return await watchRun({
      ...{ handle, signal },
      onProgress: view.update,
      onSilence: () => void sayWhenNoWorker(session, terminal),
      untilParked: !terminal.isLive,
    });
  } finally {
    view.finish();
  }
}

/** Says how a followed run ended and what can be done about it; the exit code of the command. */
export function reportOutcome(request: {
  readonly outcome: RunOutcome;
  readonly workflowId: string;
  readonly session: Session;
  readonly terminal: Terminal;
  readonly json: boolean;
}): ExitCode {
  const { outcome, workflowId, session, terminal, json } = request;
  const id = shellQuote(workflowId);
  switch (outcome.kind) {
    case 'completed':
      terminal.say(`\n${summaryLines(outcome.result).join('\n')}`);
      if (json) terminal.result(JSON.stringify(outcome.result, null, 2));
      return EXIT.done;
    case 'failed':
      terminal.say(`\n${describeFailure(outcome.error)}`);
      if (json) terminal.result(JSON.stringify(failedDocument(outcome, workflowId), null, 2));
      return EXIT.failed;
    case 'parked':
      terminal.say('\nThe run waits for an answer; nothing it has done is lost.');
      if (json) terminal.result(JSON.stringify(outcome.progress, null, 2));
      return EXIT.failed;
    case 'interrupted':
      terminal.say(
        `\nThe run goes on without you. Look at it: npx starshift status ${id}\nCancel it: temporal workflow cancel${temporalFlags(session)} --workflow-id ${id}`,
      );
      return EXIT.interrupted;
  }
}

function failedDocument(outcome: Extract<RunOutcome, { kind: 'failed' }>, workflowId: string): object {
  return {
    workflowId,
    ...outcome.progress,
    status: outcome.progress?.status ?? 'failed',
    error: describeFailure(outcome.error),
  };
}

/** A notice must not end the run's watching, so a failed look counts as "somebody polls". */
async function sayWhenNoWorker(session: Session, terminal: Terminal): Promise<void> {
  const { taskQueue } = session.config;
  const pollers = await listPollers(session.client, taskQueue).catch(() => ['unknown']);
  if (pollers.length === 0) terminal.say(noWorkerNotice(taskQueue));
}
