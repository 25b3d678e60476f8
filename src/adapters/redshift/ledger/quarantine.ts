import { qualify, quoteLiteral } from '../quote.js';
import type { Row, Session } from '../session/session.js';
import { basesSql, fileIs, isoTime, numberOrNull } from './history.js';
import { LEDGER_SCHEMA } from './ledger-tables.js';

/** A row that COPY rejected, or a file that was left out, as `starshift.quarantine` has it. What is not known is null. */
export interface QuarantineEntry {
  /** Null for a whole file. */
  readonly line: number | null;
  readonly column: string | null;
  readonly value: string | null;
  readonly rawText: string | null;
  readonly reason: string;
  readonly etag: string | null;
  readonly loadNumber: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
  /** ISO 8601, UTC, to the second. */
  readonly quarantinedAt: string;
  readonly open: boolean;
  /** The load that took the file, or the whole table, after it; null while the entry is open. */
  readonly closedBy: ClosingLoad | null;
}

export interface ClosingLoad {
  readonly loadNumber: number;
  /** Null where load_steps does not name the load. */
  readonly workflowId: string | null;
  readonly committedAt: string | null;
  /** `file`: that load took the file. `table`: it replaced the whole table without the file. */
  readonly took: 'file' | 'table';
}

/** Entries of one file that was not taken whole into one table, newest first. */
export interface QuarantinedFile {
  readonly url: string;
  readonly schema: string;
  readonly table: string;
  /** True when an entry says that the whole file was left out; an open one where there are any. */
  readonly wholeFile: boolean;
  /** Entries there are. */
  readonly total: number;
  /** Those of them that are open. */
  readonly open: number;
  /** The first ones by line, as many as were asked for. */
  readonly entries: readonly QuarantineEntry[];
}

/** Which entries to read. */
export interface QuarantineFilter {
  readonly schema: string;
  readonly table?: string | undefined;
  /** URL, key or tail of a path; see fileIs. */
  readonly file?: string | undefined;
  /** Run id: only what that run put there. */
  readonly runId?: string | undefined;
  /** Closed ones too. @default only open ones */
  readonly closed?: boolean | undefined;
  /** Entries of each file to read; its counts are of all. @default 20 */
  readonly entriesPerFile?: number | undefined;
}

const QUARANTINE = qualify(LEDGER_SCHEMA, 'quarantine');
const LOAD_FILES = qualify(LEDGER_SCHEMA, 'load_files');
const LOAD_STEPS = qualify(LEDGER_SCHEMA, 'load_steps');

/**
 * Files in quarantine with their entries. Reads only. An entry is open until its table is loaded in full or a later load, by its
 * number, takes its file.
 */
export async function readQuarantine(session: Session, filter: QuarantineFilter): Promise<readonly QuarantinedFile[]> {
  const { entriesPerFile = 20 } = filter;
  const { rows } = await session.run({
    sql: `select * from (
        select e.*, count(*) over (partition by table_name, url) as total_entries,
          sum(is_open) over (partition by table_name, url) as open_entries,
          max(case when line_number is null then 1 else 0 end) over (partition by table_name, url) as whole_file,
          max(case when line_number is null then is_open else 0 end) over (partition by table_name, url) as whole_open,
          row_number() over (partition by table_name, url
            order by is_open desc, load_number desc, coalesce(line_number, 0), column_name) as place
        from (${entriesSql(filter)}) e
        ${filter.closed === true ? '' : 'where is_open = 1'}
      ) numbered
      where place <= ${entriesPerFile}
      order by table_name, url, place`,
    action: 'Reading the quarantine',
  });
  return groupByFile(rows);
}

/** Entries, each with the numbers of the first loads after it that took its file or its whole table. */
function entriesSql({ schema, table, file, runId }: QuarantineFilter): string {
  const where = [
    `table_schema = ${quoteLiteral(schema)}`,
    ...(table === undefined ? [] : [`table_name = ${quoteLiteral(table)}`]),
    ...(file === undefined ? [] : [fileIs(file)]),
    ...(runId === undefined ? [] : [`run_id = ${quoteLiteral(runId)}`]),
  ].join(' and ');
  const own = `select * from ${QUARANTINE} where ${where}`;
  const ofSchema = `table_schema = ${quoteLiteral(schema)}`;
  return `select q.*, ${isoTime('q.quarantined_at')} as since, taken.load_number as file_taken, replaced.load_number as table_taken,
      ${isoTime('closing.committed_at')} as closed_at, closing.workflow_id as closed_by,
      case when q.load_number >= coalesce(b.base, 0) and taken.load_number is null then 1 else 0 end as is_open
    from (${own}) q
    left join (${basesSql(schema)}) b on b.table_name = q.table_name
    left join (
      select p.table_name, p.url, p.load_number as after_load, min(f.load_number) as load_number
      from (select distinct table_name, url, load_number from ${QUARANTINE} where ${where}) p
      join ${LOAD_FILES} f on f.table_name = p.table_name and f.url = p.url and f.load_number > p.load_number
      where f.${ofSchema}
      group by p.table_name, p.url, p.load_number
    ) taken on taken.table_name = q.table_name and taken.url = q.url and taken.after_load = q.load_number
    left join (
      select p.table_name, p.load_number as after_load, min(s.load_number) as load_number
      from (select distinct table_name, load_number from ${QUARANTINE} where ${where}) p
      join ${LOAD_STEPS} s on s.table_name = p.table_name and s.load_number > p.load_number
      where s.${ofSchema} and s.change = 'full'
      group by p.table_name, p.load_number
    ) replaced on replaced.table_name = q.table_name and replaced.after_load = q.load_number
    left join (
      select table_name, load_number, max(workflow_id) as workflow_id, max(committed_at) as committed_at
      from ${LOAD_STEPS} where ${ofSchema} and load_number is not null group by table_name, load_number
    ) closing on closing.table_name = q.table_name
      and closing.load_number = least(coalesce(taken.load_number, replaced.load_number), coalesce(replaced.load_number, taken.load_number))`;
}

function groupByFile(rows: readonly Row[]): readonly QuarantinedFile[] {
  const files = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.table_name, row.url]);
    const known = files.get(key);
    if (known === undefined) files.set(key, [row]);
    else known.push(row);
  }
  return [...files.values()].map((entries) => ({
    url: entries[0]?.url ?? '',
    schema: entries[0]?.table_schema ?? '',
    table: entries[0]?.table_name ?? '',
    wholeFile: (Number(entries[0]?.open_entries ?? 0) > 0 ? entries[0]?.whole_open : entries[0]?.whole_file) === '1',
    total: Number(entries[0]?.total_entries ?? 0),
    open: Number(entries[0]?.open_entries ?? 0),
    entries: entries.map(toEntry),
  }));
}

function toEntry(row: Row): QuarantineEntry {
  return {
    line: numberOrNull(row.line_number),
    column: row.column_name ?? null,
    value: row.value ?? null,
    rawText: row.raw_text ?? null,
    reason: row.reason ?? '',
    etag: row.etag ?? null,
    loadNumber: Number(row.load_number ?? 0),
    workflowId: row.workflow_id ?? '',
    runId: row.run_id ?? '',
    step: row.step ?? '',
    quarantinedAt: row.since ?? '',
    open: row.is_open === '1',
    closedBy: closingLoad(row),
  };
}

function closingLoad(row: Row): ClosingLoad | null {
  const file = numberOrNull(row.file_taken);
  const table = numberOrNull(row.table_taken);
  if (file === null && table === null) return null;
  const byFile = file !== null && (table === null || file <= table);
  return {
    loadNumber: Number(byFile ? file : table),
    workflowId: row.closed_by ?? null,
    committedAt: row.closed_at ?? null,
    took: byFile ? 'file' : 'table',
  };
}
