import { isGrpcServiceError, ServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { formatDuration, utcText } from '../domain/duration.js';
import { SEARCH_ATTRIBUTES, WORKFLOWS } from '../domain/names.js';
import { parkedSteps } from '../domain/parked-text.js';
import type { RunProgress } from '../domain/progress.js';
import type { Session } from './connect.js';
import { formatTable } from './format.js';
import { queryProgress } from './watch-run.js';

/** A run as `starshift status --json` lists it. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflow: string;
  readonly status: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of a run that waits for a person. */
  readonly waits?: RunWaits;
  /** Of a run that waits for another one that has its tables: `waits since 2026-11-21 18:05:34 UTC for run load-5`. */
  readonly remark?: string;
}

export interface RunWaits {
  readonly steps: readonly string[];
  /** When the first of the steps failed. ISO 8601, UTC. */
  readonly since: string;
  /** When the run ends if nobody answers; absent where an older worker has parked it. */
  readonly until?: string;
}

/** gRPC status code of a query that names an attribute which the namespace does not know. */
const INVALID_ARGUMENT = 3;

/**
 * The latest runs, those that wait for a person first, however old they are: whose time is up next stands first. At most `limit` of
 * each.
 */
export async function listRuns({ client }: Session, limit: number): Promise<readonly ListedRun[]> {
  const ofOurs = `WorkflowType IN (${WORKFLOWS.map((name) => `'${name}'`).join(', ')})`;
  const waitingQuery = `${ofOurs} AND ExecutionStatus = 'Running' AND ${SEARCH_ATTRIBUTES.status} = 'parked'`;
  const find = async (query: string) => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const run of client.workflow.list({ query, pageSize: limit })) if (found.push(run) >= limit) break;
    return found;
  };
  const [latest, waiting] = await Promise.all([find(ofOurs), find(waitingQuery).catch(noAttributes)]);
  const known = new Set(waiting.map(({ runId }) => runId));
  const others = await Promise.all(
    latest.filter(({ runId }) => !known.has(runId)).map(async (run) => withRemark(client, listed(run))),
  );
  // A run without search attributes tells only itself that it waits.
  const asked = await Promise.all(waiting.map((run) => withWaits(client, listed(run))));
  const [parked, answered] = [asked.filter(({ waits }) => waits), asked.filter(({ waits }) => !waits)];
  return [...parked.sort(byDeadline), ...answered, ...others];
}

/** Aligned columns; the last one only where a run waits. */
export function runTable(runs: readonly ListedRun[], now: number): string {
  const heading = ['WORKFLOW ID', 'WORKFLOW', 'STATUS', 'STARTED (UTC)'];
  const rows = runs.map((run) => [
    run.workflowId,
    run.workflow,
    run.status,
    utcText(run.startedAt).replace(/ UTC$/, ''),
    waitsText(run, now),
  ]);
  const isWaiting = runs.some(({ waits, remark }) => waits ?? remark);
  return formatTable([isWaiting ? [...heading, 'WAITS'] : heading, ...rows]).join('\n');
}

/** `for an answer to staging_events for 2 h 10 min, until 2026-11-24 14:22:08 UTC`, or `since 2026-11-21 18:05:34 UTC for run load-5`. */
function waitsText({ waits, remark = '' }: ListedRun, now: number): string {
  if (waits === undefined) return remark.replace(/^waits /, '');
  const until = waits.until === undefined ? '' : `, until ${utcText(waits.until)}`;
  return `for an answer to ${waits.steps.join(', ')} for ${formatDuration(Math.max(0, now - Date.parse(waits.since)))}${until}`;
}

async function withWaits(client: Session['client'], run: ListedRun): Promise<ListedRun> {
  const progress = await askProgress(client, run);
  if (progress === undefined) return run;
  const waits = waitsOf(progress);
  return { ...run, status: progress.status, ...(waits === undefined ? {} : { waits }) };
}

/** Only the run itself knows that it waits for another one. */
async function withRemark(client: Session['client'], run: ListedRun): Promise<ListedRun> {
  if (run.status !== 'running') return run;
  const progress = await askProgress(client, run);
  const claim = progress?.steps.find(({ kind, state }) => kind === 'claim' && state === 'running');
  return claim?.note === undefined ? run : { ...run, remark: claim.note };
}

/** The list can do without an answer: no worker may run. */
function askProgress(client: Session['client'], { workflowId, runId }: ListedRun): Promise<RunProgress | undefined> {
  return queryProgress(client.workflow.getHandle(workflowId, runId)).catch(() => undefined);
}

function waitsOf(progress: RunProgress): RunWaits | undefined {
  const parked = parkedSteps(progress);
  const [since] = parked.flatMap(({ error }) => error?.at ?? []).sort();
  const [until] = parked.flatMap(({ decideBy }) => decideBy ?? []).sort();
  if (since === undefined) return undefined;
  return { steps: parked.map(({ id }) => id), since, ...(until === undefined ? {} : { until }) };
}

function byDeadline(a: ListedRun, b: ListedRun): number {
  return (a.waits?.until ?? '9').localeCompare(b.waits?.until ?? '9');
}

function listed(run: WorkflowExecutionInfo): ListedRun {
  const own = run.searchAttributes[SEARCH_ATTRIBUTES.status]?.[0];
  return {
    workflowId: run.workflowId,
    runId: run.runId,
    workflow: run.type,
    status: shownStatus(run.status.name, own),
    startedAt: run.startTime.toISOString(),
  };
}

/** The server knows the end of a run, the run itself whether it waits for a person, has skipped steps or was aborted. */
function shownStatus(server: string, own: unknown): string {
  const knowsMore =
    server === 'RUNNING' ||
    (server === 'COMPLETED' && own === 'completedWithSkips') ||
    (server === 'FAILED' && own === 'aborted');
  return knowsMore ? String(own ?? 'running') : server.toLowerCase();
}

/** Where search attributes are not registered, no run can be found by one. */
function noAttributes(error: unknown): [] {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause) && cause.code === INVALID_ARGUMENT) return [];
  throw error;
}
