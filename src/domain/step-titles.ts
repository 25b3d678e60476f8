import { utcText } from './duration.js';
import type { CheckResult, RunningRun } from './facts.js';
import type { ClusterSpec, Target } from './input.js';
import type { CheckPlan, LoadStepPlan } from './plan.js';

/**
 * Ids of the steps that do not come from a warehouse folder. They hold hyphens, which table names cannot, so that no load step
 * has the same; checks carry the prefix `check:`.
 */
export const STEP_IDS = {
  loadRole: 'load-role',
  securityGroup: 'security-group',
  cluster: 'cluster',
  clusterAvailable: 'cluster-available',
  claimTables: 'claim-tables',
  createTables: 'create-tables',
  countRows: 'count-rows',
  deleteCluster: 'delete-cluster',
  deleteSecurityGroup: 'delete-security-group',
  deleteLoadRole: 'delete-load-role',
} as const;

/** The step that runs a check; typed into `starshift retry`. */
export function checkStepId(check: Pick<CheckPlan, 'id'>): string {
  return `check:${check.id}`;
}

/** `COPY staging_events <- s3://bucket/log_data (30 files)` or `INSERT songs <- staging_songs`. */
export function loadStepTitle(step: LoadStepPlan, files?: number): string {
  if (step.kind === 'stage')
    return `COPY ${step.table} <- ${step.url}${files === undefined ? '' : ` (${count(files, 'file')})`}`;
  return `INSERT ${step.table} <- ${step.reads.join(', ')}`;
}

/** `CREATE CLUSTER sparkify (2 x ra3.large)`. */
export function clusterTitle(cluster: ClusterSpec): string {
  return `CREATE CLUSTER ${cluster.identifier} (${cluster.nodes} x ${cluster.nodeType})`;
}

/** What a target is called in progress, search attributes and results: the cluster's identifier, or the endpoint's host. */
export function targetName(target: Target): string {
  return 'cluster' in target ? target.cluster : target.host;
}

/** What the Web UI, `progress` and `starshift status` say of a run that waits for another one. `since` is when it began to wait. */
export function waitsText({ workflowId }: RunningRun, since: string): string {
  return `waits since ${utcText(since)} for run ${workflowId}`;
}

/** Why a run with `whenBusy: "fail"` ends. */
export function busyText(
  { warehouse, schema }: { readonly warehouse: string; readonly schema: string },
  { workflowId, runId, namespace, claimedAt }: RunningRun,
): string {
  const since = claimedAt === undefined ? '' : ` since ${utcText(claimedAt)}`;
  const id = shellWord(workflowId);
  const flags = namespace === 'default' ? '' : ` --namespace ${shellWord(namespace)}`;
  return [
    `Workflow ${workflowId} (run ${runId}) works on the tables of ${warehouse} in schema ${schema}${since}; this run has changed nothing.`,
    'Look at it:',
    `  npx starshift status ${id}`,
    `  temporal workflow describe${flags} --workflow-id ${id}`,
    'Start this run again when that one is over, or with "whenBusy": "wait", which waits for it.',
  ].join('\n');
}

/** Quotes for a POSIX shell where needed. */
function shellWord(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `1 file`, `30 files`, `8,056 rows`. */
export function count(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Thousands separated by commas, without Intl: the same text on every Node and in every replay. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** The text of a failed check of severity error. */
export function checkFailureText(result: CheckResult): string {
  return `Check ${result.id} (${result.title}) found ${count(result.offending, 'offending row')}${samples(result)}.`;
}

/** The remark of a failed check of severity warning. */
export function checkWarningText(result: CheckResult): string {
  return `warning: ${count(result.offending, 'offending row')}${samples(result)}`;
}

/** The rest of the sample stands in the run's result. */
const SHOWN_SAMPLES = 3;

function samples({ sample }: CheckResult): string {
  return sample.length === 0 ? '' : `, for example ${sample.slice(0, SHOWN_SAMPLES).join(' / ')}`;
}
