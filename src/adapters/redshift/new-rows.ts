import { newRowsTable } from '../warehouse/warehouse.js';
import { LOAD_COLUMN } from './load-column.js';
import { qualify, quoteIdentifier } from './quote.js';
import type { Session } from './session.js';

/** Staging tables and how far a target has taken them in. */
export interface NewRowsRequest {
  readonly schema: string;
  readonly tables: readonly string[];
  /** Number of the last load taken in, by table. */
  readonly takenIn: ReadonlyMap<string, number>;
}

/**
 * Puts the rows that were staged since into temporary tables, `new_<staging table>`, and returns their quoted names: what an
 * incremental statement reads. Belongs before that statement, in its transaction.
 */
export async function createNewRows(session: Session, { schema, tables, takenIn }: NewRowsRequest): Promise<string[]> {
  const names: string[] = [];
  for (const table of tables) {
    const name = quoteIdentifier(newRowsTable(table));
    // Rows of a full load have no number: where one is not taken in, the whole definition runs and not an incremental statement.
    const sql = `create temp table ${name} as
      select * from ${qualify(schema, table)} where ${LOAD_COLUMN} > ${takenIn.get(table) ?? 0}`;
    await session.run({ sql, action: `Finding new rows of ${table}` });
    names.push(name);
  }
  return names;
}
