import type { CheckResult } from '../domain/facts.js';
import type { RunResult, StepProgress } from '../domain/progress.js';
import { formatCount, formatDuration, formatRows, formatTable, shellQuote } from './format.js';

/** What a finished run did: rows a table, checks, rejected rows, time a step. */
export function summaryLines(result: RunResult): string[] {
  return [
    `${result.workflow} ${result.workflowId} ${wording(result)} in ${formatDuration(result.durationMs)}`,
    ...tableLines(result),
    ...checkLines(result.checks),
    ...skippedLines(result),
    ...quarantineLines(result),
    ...timeLines(result),
  ];
}

function wording(result: RunResult): string {
  return result.status === 'completed' ? 'completed' : 'completed with skipped steps';
}

function skippedLines({ skipped = [] }: RunResult): string[] {
  return skipped.length === 0 ? [] : ['Skipped', ...skipped.map(({ step, reason }) => `  ${step}: ${reason}`)];
}

function quarantineLines({ workflowId, steps, rejectedRows, quarantinedFiles = 0 }: RunResult): string[] {
  if (!steps.some(({ kind }) => kind === 'stage')) return [];
  const list =
    rejectedRows + quarantinedFiles === 0 ? '' : `; see npx starshift quarantine list --run ${shellQuote(workflowId)}`;
  const files = quarantinedFiles === 0 ? '' : `, files left out: ${formatCount(quarantinedFiles)}`;
  return [`Rejected rows: ${formatCount(rejectedRows)}${files}${list}`];
}

function tableLines(result: RunResult): string[] {
  const rows = Object.entries(result.tables).map(([table, count]) => [`  ${table}`, formatCount(count)]);
  return rows.length === 0 ? [] : ['Rows', ...formatTable(rows, new Set([1]))];
}

function checkLines(checks: readonly CheckResult[]): string[] {
  if (checks.length === 0) return [];
  const failed = checks.filter((check) => !check.passed);
  const heading = `Checks: ${checks.length - failed.length} of ${checks.length} passed`;
  return [
    heading,
    ...failed.map((check) => `  ${check.severity} ${check.id}: ${check.title}; ${formatRows(check.offending)}`),
  ];
}

/** Checks run side by side: the time from the first to the last is what a person waited for. */
function timeLines(result: RunResult): string[] {
  const timed = result.steps.filter((step) => step.durationMs !== undefined && step.kind !== 'check');
  const checks = result.steps.filter((step) => step.kind === 'check');
  if (timed.length + checks.length === 0) return [];
  const rows = timed.map((step) => [`  ${step.title}`, formatDuration(step.durationMs ?? 0)]);
  if (checks.length > 0) rows.push([`  ${checks.length} checks`, formatDuration(spanMs(checks))]);
  return ['Time', ...formatTable(rows, new Set([1]))];
}

function spanMs(steps: readonly StepProgress[]): number {
  const starts = steps.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [Date.parse(startedAt)]));
  const ends = steps.flatMap(({ finishedAt }) => (finishedAt === undefined ? [] : [Date.parse(finishedAt)]));
  return starts.length === 0 || ends.length === 0 ? 0 : Math.max(...ends) - Math.min(...starts);
}
