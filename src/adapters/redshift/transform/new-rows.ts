import { newRowsTable } from '../../warehouse/warehouse.js';
import type { Progress } from '../ledger/watermarks.js';
import { qualify, quoteIdentifier } from '../quote.js';
import type { Session } from '../session/session.js';
import { LOAD_COLUMN } from '../stage/load-column.js';

/** Staging tables and how far a target has taken them in. */
export interface NewRowsRequest {
  readonly schema: string;
  readonly tables: readonly string[];
  readonly progress: Progress;
}

/**
 * Puts the rows that were staged since into temporary tables, `new_<staging table>`, and returns their quoted names: what an
 * incremental statement reads. Belongs before that statement, in its transaction.
 */
export async function createNewRows(session: Session, { schema, tables, progress }: NewRowsRequest): Promise<string[]> {
  const names: string[] = [];
  for (const table of tables) {
    const name = quoteIdentifier(newRowsTable(table));
    // Rows of a full load have no number: where one is not taken in, the whole definition runs and no incremental statement. A table to
    // which nothing was ever added need not have the column.
    const isNew = progress.grown.has(table) ? `${LOAD_COLUMN} > ${progress.takenIn.get(table) ?? 0}` : '1 = 0';
    const sql = `create temp table ${name} as select * from ${qualify(schema, table)} where ${isNew}`;
    await session.run({ sql, action: `Finding new rows of ${table}` });
    names.push(name);
  }
  return names;
}
