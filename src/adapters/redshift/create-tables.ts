import type { CreatedTables } from '../../domain/facts.js';
import { TerminalError } from '../errors.js';
import { type HeldClaim, requireClaim } from './ledger/held-claim.js';
import { type LedgerKey, lockTargets, recordStep } from './ledger/ledger.js';
import { ensureLedger } from './ledger/ledger-tables.js';
import { readTableState } from './ledger/table-state.js';
import { qualify, quoteIdentifier, quoteLiteral } from './quote.js';
import { describeEndpoint } from './session/connection-settings.js';
import { runLocking } from './session/lock-wait.js';
import type { Session } from './session/session.js';
import { addLoadColumnSql } from './stage/load-column.js';
import { describeTableInfo, designOf, fitsDesign, type TableInfo } from './table-design.js';

/** The tables of a warehouse in one design. */
export interface CreateTablesRequest {
  readonly schema: string;
  readonly design: string;
  /** In the order of creation, names without a schema. */
  readonly statements: readonly { readonly table: string; readonly sql: string }[];
  /** Drop the tables first. */
  readonly recreate: boolean;
  /** The staging tables among them, each with the step that creates it: for the ledger. @default none */
  readonly staging?: readonly LedgerKey[];
  /** What the run must still have when tables are dropped and made. Absent: nothing was claimed. */
  readonly claim?: HeldClaim | undefined;
}

/**
 * Creates the schema, the tables that are missing and the ledger. Existing tables stay, and must have the design that is asked for;
 * with `recreate` they are dropped and made anew, all in one transaction. In it the ledger hears that the files of a staging table that
 * is made anew are gone. Idempotent.
 *
 * @throws TerminalError when a table has another design, or when something outside the warehouse depends on a table to be dropped;
 *   claimLost
 */
export async function createTables(session: Session, request: CreateTablesRequest): Promise<CreatedTables> {
  const { schema, statements, recreate } = request;
  await session.run({
    sql: `create schema if not exists ${quoteIdentifier(schema)}`,
    action: `Creating schema ${schema}`,
  });
  const present = await presentTables(session, schema);
  const existing = statements.map(({ table }) => table).filter((table) => present.has(table));
  if (!recreate) await requireDesign(session, { ...request, existing });
  const made = recreate ? statements : statements.filter(({ table }) => !present.has(table));
  const dropped = recreate ? existing : [];
  await ensureLedger(
    session,
    statements.map(({ table }) => ({ schema, table })),
  );
  if (made.length > 0) await session.transaction(() => makeTables(session, { ...request, dropped, made }));
  return { created: made.map(({ table }) => table), existing: recreate ? [] : existing, dropped };
}

/** Locks guards before tables, as loads do. */
async function makeTables(
  session: Session,
  request: CreateTablesRequest & {
    readonly dropped: readonly string[];
    readonly made: CreateTablesRequest['statements'];
  },
): Promise<void> {
  const { schema, made, dropped, staging = [], claim } = request;
  const filled = staging.filter(({ table }) => made.some((statement) => statement.table === table));
  if (filled.length > 0) await lockTargets(session, filled);
  if (claim !== undefined) await requireClaim(session, claim);
  for (const table of [...dropped].reverse()) {
    // Without CASCADE: views and keys that others built on the table are theirs to drop.
    const sql = `drop table ${qualify(schema, table)}`;
    await runLocking(session, { sql, action: `Dropping ${table}`, tables: [{ schema, table }] });
  }
  for (const { table, sql } of made) await session.run({ sql, action: `Creating ${table} by tables/${table}.sql` });
  for (const key of filled) {
    await session.run({ sql: addLoadColumnSql(key), action: `Creating ${key.table}` });
    await forgetFiles(session, key);
  }
}

/** What the ledger knew of an earlier table of that name is a full load of no files away. */
async function forgetFiles(session: Session, key: LedgerKey): Promise<void> {
  const { last } = await readTableState(session, key);
  if (last === 0) return;
  const nothing = { rows: 0, files: 0, sizeBytes: 0, rejectedRows: 0 };
  const load = { number: last + 1, change: 'full', totalRows: 0 } as const;
  await recordStep(session, key, { kind: 'create', ...nothing, load });
}

async function presentTables(session: Session, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await session.run({
    sql: `select tablename from pg_tables where schemaname = ${quoteLiteral(schema)}`,
    action: `Listing the tables of ${schema}`,
  });
  return new Set(rows.map((row) => row.tablename ?? ''));
}

async function requireDesign(
  session: Session,
  request: CreateTablesRequest & { readonly existing: readonly string[] },
): Promise<void> {
  const { schema, design, statements, existing } = request;
  if (existing.length === 0) return;
  const infos = await tableInfos(session, schema);
  const others = statements.flatMap(({ table, sql }) => {
    const wanted = designOf(sql);
    const info = infos.get(table);
    // SVV_TABLE_INFO leaves out tables without rows; what cannot be compared is taken as it is.
    if (!existing.includes(table) || wanted === undefined || info === undefined) return [];
    return fitsDesign(info, wanted) ? [] : [`${table} (${describeTableInfo(info)})`];
  });
  if (others.length === 0) return;
  throw new TerminalError({
    kind: 'invalidInput',
    message:
      `In ${describeEndpoint(session.settings)}, schema ${schema}, these tables exist in another design than "${design}": ` +
      `${others.join(', ')}. Name the design they have, or pass "recreate": true to drop and create them anew (their rows are lost).`,
    resource: `${schema}.${others[0]}`,
  });
}

async function tableInfos(session: Session, schema: string): Promise<ReadonlyMap<string, TableInfo>> {
  const { rows } = await session.run({
    sql: `select "table" as name, diststyle, sortkey1, sortkey_num from svv_table_info where "schema" = ${quoteLiteral(schema)}`,
    action: `Reading the designs of ${schema}`,
  });
  return new Map(
    rows.map((row) => [
      row.name?.trim() ?? '',
      { diststyle: row.diststyle ?? '', sortkey1: row.sortkey1 ?? '', sortkeyNum: Number(row.sortkey_num ?? 0) },
    ]),
  );
}
