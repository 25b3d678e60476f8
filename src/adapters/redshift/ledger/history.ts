import { qualify, quoteLiteral } from '../quote.js';
import type { Row, Session } from '../session/session.js';
import { LEDGER_SCHEMA } from './ledger-tables.js';

/** A step that was committed, as `starshift.load_steps` has it. What the ledger does not know is null. */
export interface CommittedStep {
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
  /** `stage`, `transform`, or `create` for a staging table that was created anew, without rows. */
  readonly kind: string;
  /** `full` or `incremental`. */
  readonly mode: string | null;
  /**
   * What became of the rows that were there. Staging tables: `full` (all replaced), `append`, `replace` (those of earlier loads). Star
   * tables in incremental loads: `definition` (the difference to the whole load statement) or `new_rows` (of what was staged since).
   * Null where nothing changed and where `mode` says it all.
   */
  readonly change: string | null;
  readonly schema: string;
  readonly table: string;
  readonly loadNumber: number | null;
  readonly rows: number;
  readonly updatedRows: number | null;
  readonly deletedRows: number | null;
  readonly rejectedRows: number;
  /** Files that the step left out. */
  readonly quarantinedFiles: number | null;
  readonly files: number;
  readonly sizeBytes: number;
  /** ISO 8601, UTC, to the second. */
  readonly committedAt: string;
}

/** One load of one file into one table. */
export interface LoadedFile {
  readonly url: string;
  readonly schema: string;
  readonly table: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
  readonly loadNumber: number | null;
  readonly etag: string | null;
  readonly sizeBytes: number;
  /** Rows that it brought: the lines that COPY read without those it rejected. Null where the load views did not say. */
  readonly rows: number | null;
  readonly rejectedRows: number;
  readonly committedAt: string;
  /** Whether the rows of this load are in the table now; null for loads from before loads were numbered. */
  readonly inTable: boolean | null;
}

/** Which steps to read. */
export interface StepFilter {
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  /** Workflow id or run id. */
  readonly run?: string | undefined;
  /** Only steps that changed something, or only those that did not. @default both */
  readonly changed?: boolean | undefined;
  /** Committed then or later; ISO 8601, UTC, to the second. */
  readonly since?: string | undefined;
  /** The newest ones. @default all */
  readonly limit?: number | undefined;
}

/** Names that the ledger knows, to choose from when one was mistyped: the newest ones. */
export interface LedgerNames {
  readonly schemas: readonly string[];
  /** Of the schema that was asked for. */
  readonly tables: readonly string[];
  readonly workflowIds: readonly string[];
}

/** Tables of the ledger that people read. */
const LOAD_STEPS = qualify(LEDGER_SCHEMA, 'load_steps');
const LOAD_FILES = qualify(LEDGER_SCHEMA, 'load_files');
const QUARANTINE = qualify(LEDGER_SCHEMA, 'quarantine');

/** Enough to choose from; a ledger may know a million files. */
const NAMES_LIMIT = 2_000;

/** A tail like `events.json` may fit every file of a year. */
const FILE_ROWS_LIMIT = 2_000;

/** UTC as text, whatever the session's DATESTYLE: the ledger keeps getdate(), which is UTC. */
export function isoTime(column: string): string {
  return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/**
 * Number of the last load that replaced everything, a row a table: what is older has left the table.
 */
export function basesSql(schema: string): string {
  return `select table_name, max(load_number) as base from ${LOAD_STEPS}
    where change = 'full' and table_schema = ${quoteLiteral(schema)} group by table_name`;
}

/** True for the file's URL, its key, and every tail of its path that begins at a slash. */
export function fileIs(file: string): string {
  const tail = `/${file.replace(/^\/+/, '')}`;
  return `(url = ${quoteLiteral(file)} or right(url, ${[...tail].length}) = ${quoteLiteral(tail)})`;
}

/** Columns of the ledger's tables that are there, by table; empty where Starshift has never loaded anything. */
export async function findLedgerColumns(session: Session): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await session.run({
    sql: `select c.relname as table_name, a.attname as column_name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid
      where n.nspname = ${quoteLiteral(LEDGER_SCHEMA)} and c.relname in ('load_steps', 'load_files', 'quarantine')
        and a.attnum > 0 and not a.attisdropped`,
    action: 'Looking for the ledger',
  });
  const tables = new Map<string, Set<string>>();
  for (const { table_name: table, column_name: column } of rows) {
    tables.set(table ?? '', (tables.get(table ?? '') ?? new Set<string>()).add(column ?? ''));
  }
  return tables;
}

/** What was committed, newest first. One statement, so nothing is locked or created and no load waits for it. */
export async function readSteps(session: Session, filter: StepFilter = {}): Promise<readonly CommittedStep[]> {
  const { limit } = filter;
  const { rows } = await session.run({
    sql: `select workflow_id, run_id, step, kind, mode, change, table_schema, table_name, load_number, row_count,
        updated_rows, deleted_rows, rejected_rows, quarantined_files, file_count, size_bytes, ${isoTime('committed_at')} as committed
      from ${LOAD_STEPS} ${whereSql(filter)}
      order by committed_at desc, kind desc, table_name, load_number desc${limit === undefined ? '' : ` limit ${limit}`}`,
    action: 'Reading the history of the loads',
  });
  return rows.map(toStep);
}

/** How many steps there are; `limit` means nothing to it. */
export async function countSteps(session: Session, filter: Omit<StepFilter, 'limit'>): Promise<number> {
  const { rows } = await session.run({
    sql: `select count(*) as total from ${LOAD_STEPS} ${whereSql(filter)}`,
    action: 'Counting the steps in the history of the loads',
  });
  return Number(rows[0]?.total ?? 0);
}

/** A table that was created anew has lost its rows; a file that was loaded or left out is news, with and without rows. */
const IS_CHANGE = `(kind = 'create' or mode is null or mode <> 'incremental' or row_count > 0 or coalesce(updated_rows, 0) > 0
  or coalesce(deleted_rows, 0) > 0 or rejected_rows > 0 or file_count > 0 or coalesce(quarantined_files, 0) > 0)`;

function whereSql({ schema, table, run, changed, since }: StepFilter): string {
  const conditions = [
    ...(schema === undefined ? [] : [`table_schema = ${quoteLiteral(schema)}`]),
    ...(table === undefined ? [] : [`table_name = ${quoteLiteral(table)}`]),
    ...(run === undefined ? [] : [`(workflow_id = ${quoteLiteral(run)} or run_id = ${quoteLiteral(run)})`]),
    ...(changed === undefined ? [] : [`${changed ? '' : 'not '}${IS_CHANGE}`]),
    ...(since === undefined ? [] : [`${isoTime('committed_at')} >= ${quoteLiteral(since)}`]),
  ];
  return conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
}

/** Every load of the files that are meant, newest first within a file. */
export async function readFileLoads(
  session: Session,
  request: { readonly schema: string; readonly file: string },
): Promise<readonly LoadedFile[]> {
  const files = `table_schema = ${quoteLiteral(request.schema)} and ${fileIs(request.file)}`;
  const { rows } = await session.run({
    sql: `select f.url, f.table_schema, f.table_name, f.workflow_id, f.run_id, f.step, f.load_number, f.etag, f.size_bytes,
        f.row_count, coalesce(r.rejected, 0) as rejected, ${isoTime('f.committed_at')} as committed,
        case when f.load_number is null then null
          when f.load_number = max(f.load_number) over (partition by f.table_name, f.url)
            and f.load_number >= coalesce(b.base, 0) then 1
          else 0 end as in_table
      from (select * from ${LOAD_FILES} where ${files}) f
      left join (${basesSql(request.schema)}) b on b.table_name = f.table_name
      left join (
        select table_name, url, load_number, count(distinct line_number) as rejected from ${QUARANTINE} where ${files}
        group by table_name, url, load_number
      ) r on r.table_name = f.table_name and r.url = f.url and r.load_number = f.load_number
      order by f.url, f.committed_at desc, f.load_number desc limit ${FILE_ROWS_LIMIT}`,
    action: 'Reading the history of the file',
  });
  return rows.map(toLoadedFile);
}

/** What there is to ask for. */
export async function readLedgerNames(session: Session, schema: string): Promise<LedgerNames> {
  const action = 'Reading what the ledger knows';
  const tables = await session.run({
    sql: `select distinct table_schema, table_name from ${LOAD_STEPS} order by 1, 2`,
    action,
  });
  const runs = await session.run({
    sql: `select workflow_id, max(committed_at) as latest from ${LOAD_STEPS} group by workflow_id
      order by latest desc limit ${NAMES_LIMIT}`,
    action,
  });
  return {
    schemas: [...new Set(tables.rows.map((row) => row.table_schema ?? ''))],
    tables: tables.rows.filter((row) => row.table_schema === schema).map((row) => row.table_name ?? ''),
    workflowIds: runs.rows.map((row) => row.workflow_id ?? ''),
  };
}

/** URLs of files that were loaded lately, each once. */
export async function readLatestFiles(session: Session, schema: string): Promise<readonly string[]> {
  const { rows } = await session.run({
    sql: `select url, max(committed_at) as latest from ${LOAD_FILES} where table_schema = ${quoteLiteral(schema)}
      group by url order by latest desc, url limit ${NAMES_LIMIT}`,
    action: 'Reading which files were loaded',
  });
  return rows.map((row) => row.url ?? '');
}

function toStep(row: Row): CommittedStep {
  return {
    workflowId: row.workflow_id ?? '',
    runId: row.run_id ?? '',
    step: row.step ?? '',
    kind: row.kind ?? '',
    mode: row.mode ?? null,
    change: row.change ?? null,
    schema: row.table_schema ?? '',
    table: row.table_name ?? '',
    loadNumber: numberOrNull(row.load_number),
    rows: Number(row.row_count ?? 0),
    updatedRows: numberOrNull(row.updated_rows),
    deletedRows: numberOrNull(row.deleted_rows),
    rejectedRows: Number(row.rejected_rows ?? 0),
    quarantinedFiles: numberOrNull(row.quarantined_files),
    files: Number(row.file_count ?? 0),
    sizeBytes: Number(row.size_bytes ?? 0),
    committedAt: row.committed ?? '',
  };
}

function toLoadedFile(row: Row): LoadedFile {
  const inTable = row.in_table ?? null;
  const lines = numberOrNull(row.row_count);
  const rejectedRows = Number(row.rejected ?? 0);
  return {
    url: row.url ?? '',
    schema: row.table_schema ?? '',
    table: row.table_name ?? '',
    workflowId: row.workflow_id ?? '',
    runId: row.run_id ?? '',
    step: row.step ?? '',
    loadNumber: numberOrNull(row.load_number),
    etag: row.etag ?? null,
    sizeBytes: Number(row.size_bytes ?? 0),
    rows: lines === null ? null : Math.max(0, lines - rejectedRows),
    rejectedRows,
    committedAt: row.committed ?? '',
    inTable: inTable === null ? null : inTable === '1',
  };
}

/** A count or number of the ledger, as text. */
export function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}
