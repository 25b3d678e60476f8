import { type CommittedStep, countSteps, readLedgerNames, readSteps } from '../../adapters/redshift/ledger/history.js';
import { type QuarantinedFile, readQuarantine } from '../../adapters/redshift/ledger/quarantine.js';
import type { Session } from '../../adapters/redshift/session/session.js';
import { printableLine } from '../../domain/printable.js';
import { CliError } from '../cli-error.js';
import { closestNames } from '../closest-names.js';
import { drawColumns, outputWidth } from '../columns.js';
import { formatBytes, formatCount, formatRows } from '../format.js';
import { printableJson } from '../printable-json.js';
import type { Terminal } from '../terminal.js';
import { stepTable, utc } from './step-columns.js';

/** A question to the ledger and where the answer goes. */
export interface HistoryRequest {
  readonly session: Session;
  readonly schema: string;
  readonly terminal: Terminal;
  /** Lines to show; undefined: as many as there are. */
  readonly limit: number | undefined;
  /** Of what was loaded lately: also steps that changed nothing. */
  readonly all: boolean;
  readonly json: boolean;
}

const NAMES_SHOWN = 10;
const FILES_SHOWN = 20;

/** What was loaded lately: a line a committed step. Runs that find nothing new would fill it, so steps that changed nothing are only counted. */
export async function showLatest({ session, schema, terminal, limit = 20, all, json }: HistoryRequest): Promise<void> {
  const steps = await readSteps(session, { schema, limit: limit + 1, ...(all ? {} : { changed: true }) });
  const shown = steps.slice(0, limit);
  const hasOlder = steps.length > limit;
  const since = hasOlder ? shown.at(-1)?.committedAt : undefined;
  const hidden = all ? 0 : await countSteps(session, { schema, changed: false, since });
  if (json) return terminal.result(printableJson({ schema, steps: shown, hidden }));
  if (shown.length === 0 && hidden === 0) return terminal.say(await nothingIn(session, schema));
  const { columns, rows } = stepTable(
    ['committed', 'table', 'how', 'rows', 'updated', 'deleted', 'rejected', 'files', 'load', 'workflow'],
    shown,
  );
  if (shown.length > 0) terminal.result(drawColumns({ columns, rows, terminal, width: outputWidth() }).join('\n'));
  if (hidden > 0) {
    terminal.say(
      `${formatCount(hidden)} ${hidden === 1 ? 'commit' : 'commits'} that changed nothing ${hidden === 1 ? 'is' : 'are'} not shown: --all`,
    );
  }
  if (hasOlder) terminal.say(`There are older ones: --limit ${limit * 2}`);
}

/**
 * Which runs changed a table, and how.
 * @throws CliError (exit 1) when the ledger does not know the table
 */
export async function showTable(request: HistoryRequest & { readonly table: string }): Promise<void> {
  const { session, schema, table, terminal, limit = 20, json } = request;
  const steps = await readSteps(session, { schema, table, limit: limit + 1 });
  if (steps.length === 0) throw await unknownTable(session, schema, table);
  const shown = steps.slice(0, limit);
  if (json) return terminal.result(printableJson({ schema, table, steps: shown }));
  const { columns, rows } = stepTable(
    ['committed', 'how', 'rows', 'updated', 'deleted', 'rejected', 'files', 'size', 'load', 'workflow', 'run'],
    shown,
  );
  terminal.result(drawColumns({ columns, rows, terminal, width: outputWidth() }).join('\n'));
  if (steps.length > limit) terminal.say(`There are older ones: --limit ${limit * 2}`);
}

/**
 * Everything that a run committed, newest first; a workflow id may have had several runs.
 * @throws CliError (exit 1) when the ledger does not know the run
 */
export async function showRun(request: HistoryRequest & { readonly run: string }): Promise<void> {
  const { session, run, terminal, limit, json } = request;
  const steps = await readSteps(session, { run, limit });
  if (steps.length === 0) throw await unknownRun(request);
  const runs = groupByRun(steps);
  const documents: RunDocument[] = [];
  for (const ofRun of runs.values()) documents.push(await withQuarantine(session, runDocument(ofRun)));
  if (json) return terminal.result(printableJson({ run, runs: documents }));
  const lines = documents.flatMap((document) => {
    const { columns, rows } = stepTable(
      ['committed', 'table', 'how', 'rows', 'updated', 'deleted', 'rejected', 'files', 'size', 'load'],
      document.steps,
    );
    return [...headings(document), ...drawColumns({ columns, rows, terminal, width: outputWidth() }), ''];
  });
  terminal.result(lines.slice(0, -1).join('\n'));
}

function groupByRun(steps: readonly CommittedStep[]): ReadonlyMap<string, CommittedStep[]> {
  const runs = new Map<string, CommittedStep[]>();
  for (const step of steps) runs.set(step.runId, [...(runs.get(step.runId) ?? []), step]);
  return runs;
}

function runDocument(steps: readonly CommittedStep[]) {
  const staged = steps.filter(({ kind }) => kind === 'stage');
  const sum = (value: (step: CommittedStep) => number) => staged.reduce((total, step) => total + value(step), 0);
  return {
    workflowId: steps[0]?.workflowId ?? '',
    runId: steps[0]?.runId ?? '',
    /** Of the stage steps. */
    files: sum(({ files }) => files),
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
    stagedRows: sum(({ rows }) => rows),
    rejectedRows: sum(({ rejectedRows }) => rejectedRows),
    /** Files that were left out. */
    quarantinedFiles: sum(({ quarantinedFiles }) => quarantinedFiles ?? 0),
    firstCommittedAt: steps.at(-1)?.committedAt ?? '',
    lastCommittedAt: steps[0]?.committedAt ?? '',
    steps,
  };
}

type RunDocument = ReturnType<typeof runDocument> & {
  /** What the run put into quarantine. */
  readonly quarantine: readonly QuarantinedFile[];
};

async function withQuarantine(session: Session, document: ReturnType<typeof runDocument>): Promise<RunDocument> {
  const { runId, steps, rejectedRows, quarantinedFiles } = document;
  const quarantine: QuarantinedFile[] = [];
  if (rejectedRows + quarantinedFiles > 0) {
    for (const schema of new Set(steps.map((step) => step.schema))) {
      quarantine.push(...(await readQuarantine(session, { schema, runId, closed: true })));
    }
  }
  return { ...document, quarantine };
}

function headings(document: RunDocument): string[] {
  const { workflowId, runId, steps, files, sizeBytes, stagedRows, rejectedRows, quarantinedFiles } = document;
  const { firstCommittedAt, lastCommittedAt, quarantine } = document;
  const rejected = rejectedRows === 0 ? '' : `, ${formatRows(rejectedRows)} rejected`;
  const leftOut = quarantinedFiles === 0 ? '' : `, ${formatFiles(quarantinedFiles)} left out`;
  return [
    printableLine(`${workflowId}, run ${runId}`),
    `${steps.length} steps committed from ${utc(firstCommittedAt)} to ${utc(lastCommittedAt)} UTC`,
    `${formatFiles(files)} (${formatBytes(sizeBytes)}) staged as ${formatRows(stagedRows)}${rejected}${leftOut}`,
    ...quarantine.slice(0, FILES_SHOWN).map(quarantineLine),
    ...(quarantine.length > FILES_SHOWN ? [`  and ${formatCount(quarantine.length - FILES_SHOWN)} more files`] : []),
    ...(quarantine.length > 0 ? ['  Why, and what was in the rows: npx starshift quarantine list --all'] : []),
    '',
  ];
}

function quarantineLine({ url, table, wholeFile, total, open }: QuarantinedFile): string {
  const what = wholeFile ? 'left out' : `${formatRows(total)} rejected`;
  return printableLine(`  ${url} -> ${table}: ${what}${open === 0 ? ', settled since' : ''}`);
}

function formatFiles(files: number): string {
  return `${formatCount(files)} ${files === 1 ? 'file' : 'files'}`;
}

async function nothingIn(session: Session, schema: string): Promise<string> {
  const { schemas } = await readLedgerNames(session, schema);
  const others = schemas.length === 0 ? '' : ` The ledger knows ${schemas.join(', ')}: add --schema ${schemas[0]}.`;
  return printableLine(
    `Nothing was loaded into schema ${schema} yet.${others || ' Load something: npx starshift run loadWarehouse --input-file examples/load-warehouse.json'}`,
  );
}

async function unknownTable(session: Session, schema: string, table: string): Promise<CliError> {
  const { tables, schemas } = await readLedgerNames(session, schema);
  if (tables.length === 0) return new CliError(await nothingIn(session, schema));
  const elsewhere = schemas.filter((name) => name !== schema);
  const hint = elsewhere.length === 0 ? '' : ` Other schemas (--schema): ${elsewhere.join(', ')}.`;
  const near = closestNames(table, tables);
  const there =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Tables that were loaded: ${tables.join(', ')}.`;
  return new CliError(printableLine(`The ledger knows no load of ${schema}.${table}. ${there}${hint}`));
}

async function unknownRun({ session, schema, run }: HistoryRequest & { readonly run: string }): Promise<CliError> {
  const { workflowIds } = await readLedgerNames(session, schema);
  const near = closestNames(run, workflowIds);
  const there =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : `Runs that committed something: ${workflowIds.slice(0, NAMES_SHOWN).join(', ') || 'none'}.`;
  const why = 'Runs that only provision, create tables or check load nothing.';
  return new CliError(printableLine(`The ledger knows nothing that a run ${run} committed. ${there} ${why}`));
}
