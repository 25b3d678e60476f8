import { qualify } from '../quote.js';
import type { Session } from '../session/session.js';
import type { TableLoad } from './ledger.js';
import { guardTable, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';

/**
 * Where a staging table stands, by the numbers of its loads. The files in it are those of the loads from `base` on; rows of the base
 * have NULL in the load column, those of load n have n.
 */
export interface TableState {
  /** The last full load; 0: there was none. */
  readonly base: number;
  /** The last load of any kind; 0: there was none. */
  readonly last: number;
  /** The last load that took rows away, in full or of single loads; since then rows were only added. */
  readonly lastRebuild: number;
  /** Rows of the table after the last load; 0 without one. */
  readonly totalRows: number;
}

/**
 * Reads the state from the table's guard. In a transaction that has locked the guard it stays so until the end; outside of one it is
 * what was committed last.
 */
export async function readTableState(session: Session, target: TargetTable): Promise<TableState> {
  const guard = qualify(LEDGER_SCHEMA, guardTable(target));
  const { rows } = await session.run({
    sql: `select change, max(load_number) as load_number from ${guard}
      where change is not null and source_table is null group by change`,
    action: `Asking the ledger for the loads of ${target.table}`,
  });
  const numbers = new Map(rows.map((row) => [row.change as TableLoad['change'], Number(row.load_number)]));
  const base = numbers.get('full') ?? 0;
  const lastRebuild = Math.max(base, numbers.get('replace') ?? 0);
  const last = Math.max(lastRebuild, numbers.get('append') ?? 0);
  return { base, last, lastRebuild, totalRows: last === 0 ? 0 : await totalRows(session, { target, load: last }) };
}

async function totalRows(
  session: Session,
  { target, load }: { readonly target: TargetTable; readonly load: number },
): Promise<number> {
  const { rows } = await session.run({
    sql: `select total_rows from ${qualify(LEDGER_SCHEMA, guardTable(target))}
      where load_number = ${load} and change is not null and source_table is null`,
    action: `Asking the ledger for the rows of ${target.table}`,
  });
  return Number(rows[0]?.total_rows ?? 0);
}
