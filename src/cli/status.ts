import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { processEnvironment } from '../config.js';
import { printable } from '../domain/printable.js';
import type { RunProgress, RunStatus } from '../domain/progress.js';
import { describeParked } from './answers.js';
import { CliError, EXIT, type ExitCode, usageError } from './cli-error.js';
import { connect, type Session } from './connect.js';
import { listRuns, runTable } from './list-runs.js';
import { runUrl } from './run.js';
import { describeSilence } from './silent-run.js';
import { drawSteps, plainStep } from './step-lines.js';
import { describeRetry, RetryLookout, type StepRetry } from './step-retries.js';
import { openTerminal, type Terminal } from './terminal.js';
import { queryProgress } from './watch-run.js';

interface StatusOptions {
  readonly limit: string;
  readonly json?: boolean;
}

const NEEDS_ATTENTION: ReadonlySet<RunStatus> = new Set(['parked', 'failed', 'aborted', 'cancelled']);

/** `starshift status`: the runs there are, or one run's steps. */
export function statusCommand(): Command {
  return new Command('status')
    .summary('list runs, or show the steps of one')
    .description(
      'Without an id: the runs that wait for an answer, then the latest ones. With one: its steps, and the commands that answer a failed one.',
    )
    .argument('[workflow-id]', 'id of a run')
    .option('--limit <n>', 'how many runs to list', '20')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  starshift status
  starshift status starshift-demo
  starshift status starshift-demo --json
Exit code of a run: 0 it runs or has completed, 1 it failed or waits for an answer, or Temporal cannot be reached, 2 wrong usage.`,
    )
    .action(async (workflowId: string | undefined, options: StatusOptions) => {
      const limit = parseLimit(options.limit);
      const terminal = openTerminal(processEnvironment());
      const session = await connect();
      try {
        if (workflowId === undefined) await showRuns({ session, terminal, limit, json: options.json === true });
        else process.exitCode = await showRun({ session, terminal, workflowId, json: options.json === true });
      } finally {
        await session.close();
      }
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw usageError(`--limit ${text} is not a number of runs, for example --limit 20.`);
}

async function showRuns(request: {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly limit: number;
  readonly json: boolean;
}): Promise<void> {
  const { session, terminal, limit, json } = request;
  const runs = await listRuns(session, limit);
  if (json) return terminal.result(JSON.stringify(runs, null, 2));
  if (runs.length === 0) return terminal.say('No runs yet. Start one: npx starshift run --help');
  terminal.result(runTable(runs, Date.now()));
}

async function showRun(request: {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly workflowId: string;
  readonly json?: boolean;
}): Promise<ExitCode> {
  const { session, terminal, workflowId, json } = request;
  const progress = await readProgress(session, workflowId);
  const handle = session.client.workflow.getHandle(workflowId);
  const isRunning = progress.steps.some(({ state }) => state === 'running');
  const retries = isRunning ? await new RetryLookout(handle).look(progress) : [];
  const exitCode = NEEDS_ATTENTION.has(progress.status) ? EXIT.failed : EXIT.done;
  if (json) {
    terminal.result(JSON.stringify({ ...progress, retries }, null, 2));
    return exitCode;
  }
  const heading = `${progress.workflow} ${progress.workflowId}: ${progress.status}`;
  const lines = [heading, ...stepLines({ progress, retries, terminal })];
  if (progress.outcome !== undefined) lines.push(printable(progress.outcome));
  lines.push(...(progress.notices ?? []).map((notice) => `Note: ${printable(notice)}`));
  lines.push(...describeParked(progress, session));
  if (session.uiUrl !== undefined) lines.push(runUrl(session, workflowId));
  terminal.result(lines.join('\n'));
  return exitCode;
}

function stepLines(request: {
  readonly progress: RunProgress;
  readonly retries: readonly StepRetry[];
  readonly terminal: Terminal;
}): string[] {
  const { progress, retries, terminal } = request;
  const now = Date.now();
  if (process.stdout.isTTY !== true) {
    const steps = progress.steps.flatMap((step) => [
      plainStep(step, now),
      ...retries.filter((retry) => retry.step === step.id).map((retry) => `          ${describeRetry(retry, now)}`),
    ]);
    const others = retries.filter(({ step }) => step === undefined);
    return [...steps, ...others.map((retry) => `retrying  ${describeRetry(retry, now)}`)];
  }
  const columns = process.stdout.columns ?? 80;
  return [drawSteps({ progress, retries, now, columns, rows: Number.POSITIVE_INFINITY, colors: terminal.colors })];
}

/** @throws CliError when there is no such run or nobody answers for it */
export async function readProgress(session: Session, workflowId: string): Promise<RunProgress> {
  const handle = session.client.workflow.getHandle(workflowId);
  try {
    const progress = await queryProgress(handle);
    if (progress !== undefined) return progress;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new CliError(`There is no run with the id ${workflowId}. List the runs: npx starshift status`, undefined, {
      cause: error,
    });
  }
  throw new CliError(await describeSilence(session, handle));
}
