import type { CommittedStep } from '../../adapters/redshift/ledger/history.js';
import type { Column } from '../columns.js';
import { formatBytes, formatCount } from '../format.js';

const COLUMNS = {
  committed: { title: 'COMMITTED (UTC)' },
  table: { title: 'TABLE', shrinks: 'keepStart' },
  how: { title: 'HOW' },
  rows: { title: 'ROWS', right: true },
  updated: { title: 'UPDATED', right: true },
  deleted: { title: 'DELETED', right: true },
  rejected: { title: 'REJECTED', right: true },
  files: { title: 'FILES', right: true },
  size: { title: 'SIZE', right: true },
  load: { title: 'LOAD', right: true },
  workflow: { title: 'WORKFLOW ID', shrinks: 'keepEnd' },
  run: { title: 'RUN ID', shrinks: 'keepStart' },
} as const satisfies Record<string, Column>;

export type StepColumn = keyof typeof COLUMNS;

/** Steps as rows of these columns; what does not apply to a step is empty. */
export function stepTable(
  names: readonly StepColumn[],
  steps: readonly CommittedStep[],
): { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] } {
  return {
    columns: names.map((name) => COLUMNS[name]),
    rows: steps.map((step) => names.map((name) => cell(step, name))),
  };
}

function cell(step: CommittedStep, name: StepColumn): string {
  const isStage = step.kind !== 'transform';
  switch (name) {
    case 'committed':
      return utc(step.committedAt);
    case 'table':
      return step.table;
    case 'how':
      return howOf(step);
    case 'rows':
      return formatCount(step.rows);
    case 'updated':
      return optionalCount(step.updatedRows);
    case 'deleted':
      return optionalCount(step.deletedRows);
    case 'rejected':
      return step.rejectedRows === 0 ? '' : formatCount(step.rejectedRows);
    case 'files':
      return isStage ? formatCount(step.files) : '';
    case 'size':
      return isStage ? formatBytes(step.sizeBytes) : '';
    case 'load':
      return step.loadNumber === null ? '' : String(step.loadNumber);
    case 'workflow':
      return step.workflowId;
    case 'run':
      return step.runId;
  }
}

/** Words of the ledger that a person would have to look up. */
const CHANGES: Readonly<Record<string, string>> = { definition: 'difference', new_rows: 'new rows' };

/** `full`, `append`, `replace`, `recreated`, `difference`, `new rows`; a step that changed nothing says so. */
function howOf({ kind, change, mode, rows, updatedRows, deletedRows }: CommittedStep): string {
  if (kind === 'create') return 'recreated';
  const touched = rows + (updatedRows ?? 0) + (deletedRows ?? 0);
  if (mode === 'incremental' && touched === 0) return 'no change';
  return change === null ? (mode ?? '') : (CHANGES[change] ?? change);
}

function optionalCount(count: number | null): string {
  return count === null ? '' : formatCount(count);
}

/** `2026-01-02T03:04:05Z` as people read it; the column says that it is UTC. */
export function utc(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}
