import type { TransformFacts } from '../../domain/facts.js';
import { type LedgerKey, lockAndFindStep, recordStep } from './ledger.js';
import { ensureLedger } from './ledger-tables.js';
import { qualify } from './quote.js';
import type { Session } from './session.js';
import { claimTable, requireOwnRows } from './table-owner.js';

/** A full load of one star table from others. */
export interface TransformRequest {
  readonly key: LedgerKey;
  /** `insert into t (...) select ...`, names without a schema. */
  readonly sql: string;
  /** Tables of the warehouse that the statement reads. */
  readonly reads: readonly string[];
}

/**
 * Replaces the table's rows by what the statement inserts, in one transaction, once per ledger key: readers see the rows from
 * before or those from after. DELETE, because TRUNCATE would commit an empty table.
 *
 * @throws TerminalError stagingReplaced when another run has filled or emptied what this one has put into the tables that are read
 */
export async function transformTable(session: Session, { key, sql, reads }: TransformRequest): Promise<TransformFacts> {
  await ensureLedger(session, [key, ...reads.map((table) => ({ schema: key.schema, table }))]);
  return session.transaction(async () => {
    const done = await lockAndFindStep(session, key);
    if (done !== undefined) return { rows: done.rows, alreadyDone: true };
    await requireOwnRows(session, { key, reads });
    await claimTable(session, key);
    await session.run({
      sql: `delete from ${qualify(key.schema, key.table)}`,
      action: `Replacing the rows of ${key.table}`,
    });
    const { rowCount } = await session.run({ sql, action: `INSERT into ${key.table}` });
    await recordStep(session, key, { kind: 'transform', rows: rowCount, files: 0, sizeBytes: 0, rejectedRows: 0 });
    return { rows: rowCount, alreadyDone: false };
  });
}
