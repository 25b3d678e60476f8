import type pg from 'pg';
import { maskedError } from './masked-secrets.js';
import type { QueryIds } from './query-ids.js';

/** States of SYS_QUERY_HISTORY that a statement goes through here. */
export type StatementStatus = 'running' | 'success' | 'failed' | 'canceled';

/** One statement that a client ran. */
export interface StatementRecord {
  readonly queryId: number;
  readonly sessionId: number;
  readonly user: string;
  readonly database: string;
  readonly label: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  status: StatementStatus;
  endTimeMs: number | undefined;
  rows: number;
  error: string;
}

/** The session that a statement is logged for. */
export interface LoggedSession {
  readonly processId: number;
  readonly user: string;
  readonly database: string;
  /** The label of its statements. */
  readonly queryGroup: string;
}

/** Statements kept for the history views; older ones that no view has been asked for are forgotten. */
const KEPT_STATEMENTS = 10_000;
const KEPT_LATE = 1000;
/** Characters kept of a statement: SYS_QUERY_HISTORY.query_text has 4000. */
const KEPT_CHARACTERS = 4000;

const UPSERT = `
insert into redshift_local.query_history
select * from json_to_recordset($1) as listed (
  query_id bigint, session_id integer, user_name text, database_name text, query_label text, query_type text, status text,
  start_time timestamp, end_time timestamp, returned_rows bigint, error_message text, query_text text
)
on conflict (query_id) do update set
  status = excluded.status, end_time = excluded.end_time, returned_rows = excluded.returned_rows, error_message = excluded.error_message`;

/**
 * What every session of the endpoint ran. Kept in memory, where it costs a statement nothing, and written to a database only
 * before a statement there reads one of the history views.
 */
export class StatementLog {
  /** A ring: the place of a record follows from its id. */
  readonly #records: StatementRecord[] = [];
  /** Statements under way, however many others have begun since. */
  readonly #running = new Set<StatementRecord>();
  /** Statements that ended after their place in the ring had gone to another. */
  #late: StatementRecord[] = [];
  readonly #written = new Map<string, WeakMap<StatementRecord, StatementStatus>>();
  readonly #ids: Pick<QueryIds, 'next'>;

  constructor(ids: Pick<QueryIds, 'next'>) {
    this.#ids = ids;
  }

  begin(session: LoggedSession, text: string): StatementRecord {
    const queryId = this.#ids.next();
    const record: StatementRecord = {
      queryId,
      sessionId: session.processId,
      user: session.user,
      database: session.database,
      label: session.queryGroup,
      text: text.length > KEPT_CHARACTERS ? beginning(text) : text,
      startTimeMs: Date.now(),
      status: 'running',
      endTimeMs: undefined,
      rows: 0,
      error: '',
    };
    this.#records[queryId % KEPT_STATEMENTS] = record;
    this.#running.add(record);
    return record;
  }

  end(record: StatementRecord, status: StatementStatus, rows: number, error = ''): void {
    if (record.status !== 'running') return;
    record.status = status;
    record.rows = rows;
    record.error = maskedError(record.text, error);
    record.endTimeMs = Date.now();
    this.#running.delete(record);
    if (this.#records[record.queryId % KEPT_STATEMENTS] !== record)
      this.#late = [...this.#late.slice(1 - KEPT_LATE), record];
  }

  /** Writes what has changed since the last time to the database's query_history. */
  async write(database: string, admin: pg.Pool): Promise<void> {
    const written = this.#written.get(database) ?? new WeakMap<StatementRecord, StatementStatus>();
    this.#written.set(database, written);
    const known = new Set([...this.#records.filter(Boolean), ...this.#running, ...this.#late]);
    const changed = [...known]
      .filter((record) => written.get(record) !== record.status)
      .sort((one, other) => one.queryId - other.queryId);
    if (changed.length === 0) return;
    const rows = changed.map(toRow);
    await admin.query(UPSERT, [JSON.stringify(rows)]);
    changed.forEach((record, at) => {
      const status = rows[at]?.status;
      if (status !== undefined) written.set(record, status);
    });
  }
}

/** A copy: a slice of the engine's would keep the whole of a long statement in memory. */
function beginning(text: string): string {
  return Buffer.from(text.slice(0, KEPT_CHARACTERS), 'utf16le').toString('utf16le');
}

function toRow(record: StatementRecord): { readonly status: StatementStatus } & Record<string, unknown> {
  return {
    query_id: record.queryId,
    session_id: record.sessionId,
    user_name: record.user,
    database_name: record.database,
    query_label: record.label === '' ? 'default' : record.label,
    query_type: queryType(record.text),
    status: record.status,
    start_time: utc(record.startTimeMs),
    end_time: record.endTimeMs === undefined ? null : utc(record.endTimeMs),
    returned_rows: record.rows,
    error_message: record.error,
    query_text: record.text.replaceAll('\0', ''),
  };
}

function utc(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '');
}

const TYPES: Readonly<Record<string, string>> = {
  select: 'SELECT',
  with: 'SELECT',
  insert: 'INSERT',
  update: 'UPDATE',
  delete: 'DELETE',
  merge: 'MERGE',
  copy: 'COPY',
  unload: 'UNLOAD',
  create: 'DDL',
  alter: 'DDL',
  drop: 'DDL',
  truncate: 'DDL',
};

function queryType(text: string): string {
  const word = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([a-zA-Z]+)/.exec(text)?.[1]?.toLowerCase() ?? '';
  return TYPES[word] ?? 'UTILITY';
}
