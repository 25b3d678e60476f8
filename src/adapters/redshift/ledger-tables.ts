import { createHash } from 'node:crypto';
import { qualify, quoteLiteral } from './quote.js';
import type { Session } from './session.js';

/** Schema of the ledger, beside the warehouse's own. */
export const LEDGER_SCHEMA = 'starshift';

/** A table of the warehouse that steps write to. */
export interface TargetTable {
  readonly schema: string;
  readonly table: string;
}

/** One row a step that was committed. Inserts only, so that steps that end at the same time do not conflict. */
const LOAD_STEPS = `create table if not exists ${qualify(LEDGER_SCHEMA, 'load_steps')} (
  workflow_id   varchar(1024) not null,
  run_id        varchar(64) not null,
  step          varchar(256) not null,
  kind          varchar(16) not null,
  mode          varchar(16),
  change        varchar(16),
  table_schema  varchar(127) not null,
  table_name    varchar(127) not null,
  load_number   bigint,
  row_count     bigint not null,
  updated_rows  bigint,
  deleted_rows  bigint,
  file_count    bigint not null,
  size_bytes    bigint not null,
  rejected_rows bigint not null,
  copy_id       bigint,
  committed_at  timestamp not null
) diststyle auto sortkey (committed_at)`;

/** One row a file that a committed COPY loaded. */
const LOAD_FILES = `create table if not exists ${qualify(LEDGER_SCHEMA, 'load_files')} (
  workflow_id   varchar(1024) not null,
  run_id        varchar(64) not null,
  step          varchar(256) not null,
  table_schema  varchar(127) not null,
  table_name    varchar(127) not null,
  load_number   bigint,
  url           varchar(2048) not null,
  etag          varchar(128),
  size_bytes    bigint not null,
  row_count     bigint,
  committed_at  timestamp not null
) diststyle auto sortkey (committed_at)`;

/**
 * One row a rejected row or a file that was left out, written in the transaction of the load that did without it. An entry is open
 * until the table is loaded in full or a later load, by load_number, loads its file.
 */
const QUARANTINE = `create table if not exists ${qualify(LEDGER_SCHEMA, 'quarantine')} (
  workflow_id    varchar(1024) not null,
  run_id         varchar(64) not null,
  step           varchar(256) not null,
  table_schema   varchar(127) not null,
  table_name     varchar(127) not null,
  load_number    bigint not null,
  url            varchar(2048) not null,
  etag           varchar(128),
  line_number    bigint,
  column_name    varchar(127),
  value          varchar(4096),
  raw_text       varchar(4096),
  reason         varchar(4096) not null,
  quarantined_at timestamp not null
) diststyle auto sortkey (quarantined_at)`;

const CREATE_SCHEMA = `create schema if not exists ${LEDGER_SCHEMA}`;

const MAX_IDENTIFIER = 127;

/**
 * Name of a target's guard: the table that attempts on the target lock, so that readers of the target itself are never blocked
 * (LOCK in Redshift is ACCESS EXCLUSIVE), and that keeps which steps are done. Every target has its own, because under
 * SERIALIZABLE isolation steps of different targets that read and write one table abort each other with error 1023.
 */
export function guardTable(target: TargetTable): string {
  const name = `guard_${target.schema}_${target.table}`;
  if (name.length <= MAX_IDENTIFIER) return name;
  const hash = createHash('sha256').update(`${target.schema}.${target.table}`).digest('hex').slice(0, 12);
  return `${name.slice(0, MAX_IDENTIFIER - 13)}_${hash}`;
}

/**
 * Makes sure of the ledger and of the guards of these targets. Idempotent, and safe beside others doing the same: who loses the
 * race finds the table there.
 */
export async function ensureLedger(session: Session, targets: readonly TargetTable[]): Promise<void> {
  const wanted = new Map([
    ['load_steps', LOAD_STEPS],
    ['load_files', LOAD_FILES],
    ['quarantine', QUARANTINE],
    ...targets.map((target) => [guardTable(target), createGuard(target)] as const),
  ]);
  let present = await ledgerTables(session);
  if ([...wanted.keys()].every((name) => present.has(name))) return;
  if (present.size === 0) await createUnlessThere(session, CREATE_SCHEMA);
  for (const [name, sql] of wanted) {
    if (!present.has(name)) await createUnlessThere(session, sql);
  }
  present = await ledgerTables(session);
  const missing = [...wanted].filter(([name]) => !present.has(name));
  // Not created and not there: the same statements say why.
  if (missing.length > 0) await session.run({ sql: CREATE_SCHEMA, action: `Creating schema ${LEDGER_SCHEMA}` });
  for (const [name, sql] of missing) await session.run({ sql, action: `Creating ${LEDGER_SCHEMA}.${name}` });
}

async function ledgerTables(session: Session): Promise<ReadonlySet<string | null | undefined>> {
  const { rows } = await session.run({
    sql: `select tablename from pg_tables where schemaname = ${quoteLiteral(LEDGER_SCHEMA)}`,
    action: 'Looking for the ledger',
  });
  return new Set(rows.map((row) => row.tablename));
}

function createGuard(target: TargetTable): string {
  return `create table if not exists ${qualify(LEDGER_SCHEMA, guardTable(target))} (
  workflow_id   varchar(1024) not null,
  run_id        varchar(64) not null,
  step          varchar(256) not null,
  change        varchar(16),
  load_number   bigint,
  source_table  varchar(127)
) diststyle all`;
}

/** `if not exists` is no promise under concurrency: of two creators one may fail on the catalogue. The caller looks again. */
async function createUnlessThere(session: Session, sql: string): Promise<void> {
  await session.runRaw({ sql }).catch(() => undefined);
}
