import { WorkflowExecutionAlreadyStartedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Command } from 'commander';
import { processEnvironment } from '../config.js';
import { WORKFLOWS, type WorkflowName } from '../domain/names.js';
import { temporalFlags } from './answers.js';
import { CliError, EXIT } from './cli-error.js';
import { connect, type Session } from './connect.js';
import { followRun, reportOutcome } from './follow-run.js';
import { shellQuote } from './format.js';
import { parseWorkflowName, readRunInput } from './run-input.js';
import { stopSignal } from './stop-signal.js';
import { listPollers, noWorkerNotice } from './task-queue-pollers.js';
import { openTerminal, type Terminal } from './terminal.js';

interface RunOptions {
  readonly inputFile?: string;
  readonly input?: string;
  readonly workflowId?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `starshift run`: checks an input, starts a workflow with it and follows the run. */
export function runCommand(): Command {
  return new Command('run')
    .summary('start a workflow and follow it')
    .description(`Checks the input, starts a workflow and shows its progress.\nWorkflows: ${WORKFLOWS.join(', ')}.`)
    .argument('<workflow>', 'name of the workflow')
    .option('--input-file <file>', 'JSON file that holds the input')
    .option('--input <json>', 'the input itself')
    .option('--workflow-id <id>', 'id of the run (default: workflow, warehouse and time)')
    .option('--detach', 'return as soon as the run is started')
    .option('--json', "print the run's result as one JSON document on stdout")
    .addHelpText(
      'after',
      `
Examples:
  starshift run loadWarehouse --input-file examples/load-warehouse.json
  starshift run checkWarehouse --input-file examples/check-warehouse.json --json
Exit code: 0 the run completed, 1 it failed or waits for an answer, or Temporal cannot be reached, 2 wrong\ninput, 130 you stopped following it.`,
    )
    .action(async (name: string, options: RunOptions) => {
      process.exitCode = await run(parseWorkflowName(name), options);
    });
}

async function run(workflow: WorkflowName, options: RunOptions): Promise<number> {
  const input = await readRunInput({ workflow, file: options.inputFile, json: options.input });
  const terminal = openTerminal(processEnvironment());
  const session = await connect();
  try {
    const handle = await startRun({
      session,
      workflow,
      input,
      workflowIds: options.workflowId === undefined ? defaultRunIds(workflow, input) : [options.workflowId],
    });
    const { workflowId } = handle;
    await sayStarted({ session, terminal, workflow, workflowId });
    if (options.detach) {
      if (options.json) terminal.result(JSON.stringify({ workflowId, runId: handle.firstExecutionRunId }));
      return EXIT.done;
    }
    const outcome = await followRun({ session, handle, terminal, signal: stopSignal() });
    return reportOutcome({
      outcome,
      workflowId,
      runId: handle.firstExecutionRunId,
      session,
      terminal,
      json: options.json === true,
    });
  } finally {
    await session.close();
  }
}

/** Says that a run has begun, where to look at it, and if nobody works on it. */
export async function sayStarted(request: {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly workflow: WorkflowName;
  readonly workflowId: string;
}): Promise<void> {
  const { session, terminal, workflow, workflowId } = request;
  const { client, config, uiUrl } = session;
  terminal.say(`Started ${workflow} ${workflowId}${uiUrl === undefined ? '' : `: ${runUrl(session, workflowId)}`}`);
  if ((await listPollers(client, config.taskQueue)).length === 0) terminal.say(noWorkerNotice(config.taskQueue));
}

/** Where the Web UI shows a run. */
export function runUrl(session: Pick<Session, 'uiUrl' | 'config'>, workflowId: string): string {
  return `${session.uiUrl}/namespaces/${session.config.temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`;
}

/**
 * Starts a workflow.
 * @throws CliError (exit 1) when runs of all those ids are going on
 */
export async function startRun(request: {
  readonly session: Session;
  readonly workflow: WorkflowName;
  readonly input: Readonly<Record<string, unknown>>;
  /** The first that no run has is taken. */
  readonly workflowIds: readonly string[];
}): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const { session, workflow, input, workflowIds } = request;
  const [workflowId = '', ...others] = workflowIds;
  try {
    return await session.client.workflow.start(workflow, {
      workflowId,
      taskQueue: session.config.taskQueue,
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    if (others.length > 0) return startRun({ ...request, workflowIds: others });
    const id = shellQuote(workflowId);
    const message = [
      `A run with the id ${workflowId} is already going on. Look at it:`,
      `  npx starshift status ${id}`,
      `  temporal workflow describe${temporalFlags(session)} --workflow-id ${id}`,
      'Wait until it has ended, or give another --workflow-id: a run on the same tables waits for it.',
    ].join('\n');
    throw new CliError(message, EXIT.failed, { cause: error });
  }
}

/** Runs that may be started within one second. */
const IDS_A_SECOND = 20;

/** The default id, then the same with `-2` and so on, for others that are started in the same second. */
function defaultRunIds(workflow: WorkflowName, input: Readonly<Record<string, unknown>>): readonly string[] {
  const id = defaultRunId(workflow, input);
  return Array.from({ length: IDS_A_SECOND }, (_, index) => (index === 0 ? id : `${id}-${index + 1}`));
}

/** `loadWarehouse-sparkify-20260102-030405`, in UTC. */
export function defaultRunId(workflow: WorkflowName, input: Readonly<Record<string, unknown>>): string {
  const what = input.warehouse ?? input.cluster;
  const name = typeof what === 'string' ? `-${what}` : '';
  const [day, time] = new Date()
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .split('T');
  return `${workflow}${name}-${day}-${time}`;
}
