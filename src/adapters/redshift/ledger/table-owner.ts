import { TerminalError } from '../../errors.js';
import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';
import type { LedgerKey } from './ledger.js';
import { guardTable, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';

/** Stands for a step in the one entry of a guard that says whose rows the target holds. No step can be called so. */
const OWNER = '*';

/** Where a statement reads and for whom. */
interface Reading {
  readonly key: LedgerKey;
  /** Tables of the key's schema. */
  readonly reads: readonly string[];
}

/**
 * Records that from here on the rows of the target are this run's. Belongs into the transaction that empties the target, under
 * the lock of its guard.
 */
export async function claimTable(session: Session, key: LedgerKey): Promise<void> {
  const guard = qualify(LEDGER_SCHEMA, guardTable(key));
  const action = `Recording in the ledger who fills ${key.table}`;
  await session.run({ sql: `delete from ${guard} where step = ${quoteLiteral(OWNER)}`, action });
  const entry = [key.workflowId, key.runId, OWNER].map(quoteLiteral).join(', ');
  await session.run({ sql: `insert into ${guard} (workflow_id, run_id, step) values (${entry})`, action });
}

/**
 * Makes sure, in the transaction of a transform, that the tables it reads still hold what its run has put into them. Tables that the
 * run has not filled are taken as they are.
 *
 * It reads the guards and locks none, so that transforms that read one table run side by side; but what it has read no other
 * load can claim or empty before the transaction ends. A snapshot older than another run's TRUNCATE shows the old owner of a
 * table that is empty already, for TRUNCATE heeds no snapshots: therefore the look at the tables themselves, after the guards.
 *
 * @throws TerminalError stagingReplaced
 */
export async function requireOwnRows(session: Session, { key, reads }: Reading): Promise<void> {
  if (reads.length === 0) return;
  // One order for all, and guards before tables: who waits here holds nothing that a load of another table waits for.
  const targets = [...reads].sort().map((table) => ({ schema: key.schema, table }));
  const guards = await session.run({
    sql: targets.map((target) => entriesSql(target, key)).join('\nunion all\n'),
    action: `Asking the ledger who has filled ${reads.join(', ')}`,
  });
  for (const { table } of targets) {
    const entries = guards.rows.filter((row) => row.name === table);
    const owner = entries.find(({ step }) => step === OWNER);
    const filled = entries.some(({ step }) => step !== OWNER);
    if (!filled || owner === undefined) continue;
    if (owner.workflow_id === key.workflowId && owner.run_id === key.runId) continue;
    const who = `run ${owner.run_id} of workflow ${owner.workflow_id} has replaced them since`;
    throw replaced(key, table, who);
  }
  // The guards say so, not load_steps: to read what steps side by side insert into would be a conflict of theirs (1023).
  const filled = guards.rows.filter((row) => row.step !== OWNER && Number(row.total_rows ?? 0) > 0);
  const names = new Set(filled.map(({ name }) => name));
  await requireRows(session, { key, reads: targets.map(({ table }) => table).filter((table) => names.has(table)) });
}

/** The owner of a table, and what this run has done to it: its steps, and rows that it has put there. */
function entriesSql(target: TargetTable, { workflowId, runId }: LedgerKey): string {
  return `select ${quoteLiteral(target.table)} as name, workflow_id, run_id, step, total_rows
    from ${qualify(LEDGER_SCHEMA, guardTable(target))}
    where step = ${quoteLiteral(OWNER)} or (workflow_id = ${quoteLiteral(workflowId)} and run_id = ${quoteLiteral(runId)})`;
}

/** Tables into which this run has put rows must have some. */
async function requireRows(session: Session, { key, reads }: Reading): Promise<void> {
  for (const table of reads) {
    if (!(await hasRows(session, { schema: key.schema, table }))) {
      throw replaced(key, table, 'the table has been emptied since');
    }
  }
}

/** Whether the table has any row, as the transaction sees it. */
export async function hasRows(session: Session, { schema, table }: TargetTable): Promise<boolean> {
  const { rows } = await session.run({
    sql: `select 1 as found from ${qualify(schema, table)} limit 1`,
    action: `Looking into ${table}`,
  });
  return rows.length > 0;
}

function replaced(key: LedgerKey, table: string, how: string): TerminalError {
  return new TerminalError({
    kind: 'stagingReplaced',
    message:
      `Filling ${key.table} needs the rows that this run has put into ${table}, but ${how}. ` +
      'Abort this run and load again, when no other load into these tables is under way.',
    resource: `${key.schema}.${table}`,
  });
}
