import type { WorkflowHandle } from '@temporalio/client';
import type { RunProgress, RunStatus } from '../domain/progress.js';
import { temporalFlags } from './answers.js';
import { EXIT, type ExitCode } from './cli-error.js';
import type { Session } from './connect.js';
import { describeFailure, isCancelled } from './describe-failure.js';
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
  readonly runId: string;
  readonly session: Session;
  readonly terminal: Terminal;
  readonly json: boolean;
}): ExitCode {
  const { outcome, workflowId, runId, session, terminal, json } = request;
  const id = shellQuote(workflowId);
  switch (outcome.kind) {
    case 'completed':
      terminal.say(`\n${summaryLines(outcome.result).join('\n')}`);
      if (json) terminal.result(JSON.stringify(outcome.result, null, 2));
      return EXIT.done;
    case 'failed':
      terminal.say(`\n${describeFailure(outcome.error)}`);
      if (json) terminal.result(JSON.stringify(unfinishedDocument(outcome, { workflowId, runId }), null, 2));
      return EXIT.failed;
    case 'parked':
      terminal.say('\nThe run waits for an answer; nothing it has done is lost.');
      if (json) terminal.result(JSON.stringify(unfinishedDocument(outcome, { workflowId, runId }), null, 2));
      return EXIT.failed;
    case 'unreachable':
      terminal.say(
        `\nTemporal at ${session.config.temporal.address} cannot be reached any more; the run goes on when it is back; look at it with \`npx starshift status ${id}\`.`,
      );
      if (json) terminal.result(JSON.stringify(unfinishedDocument(outcome, { workflowId, runId }), null, 2));
      return EXIT.failed;
    case 'interrupted':
      terminal.say(
        `\nThe run goes on without you. Look at it: npx starshift status ${id}\nCancel it: temporal workflow cancel${temporalFlags(session)} --workflow-id ${id}`,
      );
      return EXIT.interrupted;
  }
}

/**
 * What `--json` prints of a run that has no result: the fields of a result that scripts read are there whatever happened, empty where
 * nothing is known, and the rest is the run's progress.
 */
export function unfinishedDocument(
  outcome: Extract<RunOutcome, { kind: 'failed' | 'parked' | 'unreachable' }>,
  run: { readonly workflowId: string; readonly runId: string },
): object {
  const { progress } = outcome;
  const known = { tables: {}, checks: [], steps: [], ...progress, ...run };
  if (outcome.kind === 'parked') return { ...known, status: 'parked' };
  if (outcome.kind === 'unreachable') {
    return { ...known, status: progress?.status ?? 'running', error: 'Temporal cannot be reached any more.' };
  }
  return { ...known, status: endStatus(outcome.error, progress), error: describeFailure(outcome.error) };
}

/** The last look at a run may have been before its end. */
function endStatus(error: unknown, progress: RunProgress | undefined): RunStatus {
  if (isCancelled(error)) return 'cancelled';
  const last = progress?.status;
  return last === undefined || last === 'running' || last === 'parked' || last === 'completed' ? 'failed' : last;
}

/** A notice must not end the run's watching, so a failed look counts as "somebody polls". */
async function sayWhenNoWorker(session: Session, terminal: Terminal): Promise<void> {
  const { taskQueue } = session.config;
  const pollers = await listPollers(session.client, taskQueue).catch(() => ['unknown']);
  if (pollers.length === 0) terminal.say(noWorkerNotice(taskQueue));
}
