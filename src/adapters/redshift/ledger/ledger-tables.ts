import { createHash } from 'node:crypto';
import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';

/** Schema of the ledger, beside the warehouse's own. */
export const LEDGER_SCHEMA = 'starshift';

/** A table of the warehouse that steps write to. */
export interface TargetTable {
  readonly schema: string;
  readonly table: string;
}

/** Definition of a table of the ledger. What an older ledger lacks is added to it, so newer columns must be nullable. */
interface LedgerTable {
  readonly name: string;
  /** By name, in order: the type and, for the columns of the first release, `not null`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Distribution and sort attributes. */
  readonly attributes: string;
}

/** Who wrote a row of the ledger. */
const STEP_OF_RUN = {
  workflow_id: 'varchar(1024) not null',
  run_id: 'varchar(64) not null',
  step: 'varchar(256) not null',
};

const TABLE_NAME = { table_schema: 'varchar(127) not null', table_name: 'varchar(127) not null' };

/** One row a step that was committed. Inserts only, so that steps that end at the same time do not conflict. */
const LOAD_STEPS: LedgerTable = {
  name: 'load_steps',
  columns: {
    ...STEP_OF_RUN,
    kind: 'varchar(16) not null',
    mode: 'varchar(16)',
    change: 'varchar(16)',
    ...TABLE_NAME,
    load_number: 'bigint',
    row_count: 'bigint not null',
    updated_rows: 'bigint',
    deleted_rows: 'bigint',
    file_count: 'bigint not null',
    size_bytes: 'bigint not null',
    rejected_rows: 'bigint not null',
    quarantined_files: 'bigint',
    copy_id: 'bigint',
    committed_at: 'timestamp not null',
  },
  attributes: 'diststyle auto sortkey (committed_at)',
};

/** One row a file that a committed COPY loaded. */
const LOAD_FILES: LedgerTable = {
  name: 'load_files',
  columns: {
    ...STEP_OF_RUN,
    ...TABLE_NAME,
    load_number: 'bigint',
    url: 'varchar(2048) not null',
    etag: 'varchar(128)',
    size_bytes: 'bigint not null',
    row_count: 'bigint',
    committed_at: 'timestamp not null',
  },
  attributes: 'diststyle auto sortkey (committed_at)',
};

/**
 * One row a rejected row or a file that was left out, written in the transaction of the load that did without it. An entry is open
 * until the table is loaded in full or a later load, by load_number, loads its file.
 */
const QUARANTINE: LedgerTable = {
  name: 'quarantine',
  columns: {
    ...STEP_OF_RUN,
    ...TABLE_NAME,
    load_number: 'bigint not null',
    url: 'varchar(2048) not null',
    etag: 'varchar(128)',
    line_number: 'bigint',
    column_name: 'varchar(127)',
    value: 'varchar(4096)',
    raw_text: 'varchar(4096)',
    reason: 'varchar(4096) not null',
    quarantined_at: 'timestamp not null',
  },
  attributes: 'diststyle auto sortkey (quarantined_at)',
};

/** One row for each warehouse and schema that a run has claimed, see claims.ts. It stays until another run takes it over. */
const CLAIMS: LedgerTable = {
  name: 'claims',
  columns: {
    table_schema: 'varchar(127) not null',
    warehouse: 'varchar(127) not null',
    workflow_id: 'varchar(1024) not null',
    run_id: 'varchar(64) not null',
    namespace: 'varchar(255) not null',
    namespace_id: 'varchar(64)',
    claimed_at: 'timestamp not null',
  },
  attributes: 'diststyle all',
};

/** Never holds a row: what is locked to change claims, see claims.ts. */
const CLAIMS_LOCK: LedgerTable = { name: 'claims_lock', columns: { nothing: 'integer' }, attributes: 'diststyle all' };

/**
 * What a target's guard keeps: which steps are done; of a staging table its loads, with the rows that the table held after each;
 * of a star table how far it has taken in the tables that it reads (`source_table`).
 */
const GUARD: Omit<LedgerTable, 'name'> = {
  columns: {
    ...STEP_OF_RUN,
    change: 'varchar(16)',
    load_number: 'bigint',
    source_table: 'varchar(127)',
    total_rows: 'bigint',
  },
  attributes: 'diststyle all',
};

const CREATE_SCHEMA = `create schema if not exists ${LEDGER_SCHEMA}`;

const MAX_IDENTIFIER = 127;

/**
 * Name of a target's guard: the table that attempts on the target lock, so that readers of the target itself are never blocked
 * (LOCK in Redshift is ACCESS EXCLUSIVE), and that keeps which steps are done. Every target has its own, because under
 * SERIALIZABLE isolation steps of different targets that read and write one table abort each other with error 1023.
 * The dollar sign is in no name of a schema or table of ours, so `a_b`.`c` and `a`.`b_c` have guards of their own.
 */
export function guardTable(target: TargetTable): string {
  const name = `guard_${target.schema}$${target.table}`;
  if (name.length <= MAX_IDENTIFIER) return name;
  const hash = createHash('sha256').update(`${target.schema}.${target.table}`).digest('hex').slice(0, 12);
  return `${name.slice(0, MAX_IDENTIFIER - 13)}_${hash}`;
}

/**
 * Makes sure of the ledger and of the guards of these targets, and adds what an older ledger lacks. Idempotent, and safe beside others
 * doing the same: who loses the race finds the table or the column there.
 */
export async function ensureLedger(session: Session, targets: readonly TargetTable[]): Promise<void> {
  const guards = new Map(targets.map((target) => [guardTable(target), target]));
  const tables = [
    LOAD_STEPS,
    LOAD_FILES,
    QUARANTINE,
    CLAIMS,
    CLAIMS_LOCK,
    ...[...guards.keys()].map((name) => ({ ...GUARD, name })),
  ];
  const present = await presentColumns(session, tables);
  const wanted = missing(tables, present);
  if (wanted.length === 0) return;
  const schema = present.size === 0 ? [CREATE_SCHEMA] : [];
  for (const sql of [...schema, ...wanted]) await runUnlessDone(session, sql);
  // Not done and not there: the same statements say why.
  for (const sql of missing(tables, await presentColumns(session, tables))) {
    await session.run({ sql: CREATE_SCHEMA, action: `Creating schema ${LEDGER_SCHEMA}` });
    await session.run({ sql, action: `Creating the ledger in schema ${LEDGER_SCHEMA}` });
  }
}

/** Names of the columns that each of the tables has; a table that is not there is left out. */
async function presentColumns(
  session: Session,
  tables: readonly LedgerTable[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await session.run({
    sql: `select c.relname as table_name, a.attname as column_name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid
      where n.nspname = ${quoteLiteral(LEDGER_SCHEMA)} and a.attnum > 0 and not a.attisdropped
        and c.relname in (${tables.map(({ name }) => quoteLiteral(name)).join(', ')})`,
    action: 'Looking for the ledger',
  });
  const columns = new Map<string, Set<string>>();
  for (const { table_name: table, column_name: column } of rows) {
    const names = columns.get(table ?? '') ?? new Set<string>();
    columns.set(table ?? '', names.add(column ?? ''));
  }
  return columns;
}

/** The statements that make what is not there: one a table, or one a column, for Redshift adds columns one by one. */
function missing(tables: readonly LedgerTable[], present: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return tables.flatMap(({ name, columns, attributes }) => {
    const there = present.get(name);
    const table = qualify(LEDGER_SCHEMA, name);
    const definitions = Object.entries(columns);
    if (there === undefined) {
      const lines = definitions.map(([column, type]) => `${column} ${type}`).join(',\n  ');
      return [`create table if not exists ${table} (\n  ${lines}\n) ${attributes}`];
    }
    return definitions
      .filter(([column]) => !there.has(column))
      .map(([column, type]) => `alter table ${table} add column ${column} ${type}`);
  });
}

/** `if not exists` is no promise under concurrency: of two creators one may fail on the catalogue. The caller looks again. */
async function runUnlessDone(session: Session, sql: string): Promise<void> {
  await session.runRaw({ sql }).catch(() => undefined);
}
