import type { TransformFacts } from '../../../domain/facts.js';
import type { LoadMode } from '../../../domain/input.js';
import type { InsertStatement, TransformStatement } from '../../warehouse/warehouse.js';
import { type LedgerKey, type LedgerStep, lockAndFindStep, recordStep } from '../ledger/ledger.js';
import { ensureLedger } from '../ledger/ledger-tables.js';
import { claimTable, requireOwnRows } from '../ledger/table-owner.js';
import {
  type Progress,
  readProgress,
  sourcesOf,
  type WatermarkRequest,
  writeWatermarks,
} from '../ledger/watermarks.js';
import { qualify } from '../quote.js';
import type { Session } from '../session/session.js';
import { createNewRows } from './new-rows.js';
import { dropTables } from './session-tables.js';
import { statementFile } from './statement-file.js';
import { type AppliedDifference, applyDifference } from './table-difference.js';

/** A load of one star table from others. */
export interface TransformRequest {
  readonly key: LedgerKey;
  readonly statement: TransformStatement;
  /** Tables that must still hold what this run has put into them; for full loads. */
  readonly reads: readonly string[];
  /** @default full */
  readonly mode?: LoadMode | undefined;
}

/** What a transform did, and what it leaves for the next one to know. */
interface Outcome {
  readonly step: Pick<LedgerStep, 'rows' | 'updatedRows' | 'deletedRows'> & Partial<Pick<LedgerStep, 'basis'>>;
  /** Rows of the table now. */
  readonly totalRows: number;
  /** Whether tables made from this one must look at all of it. */
  readonly rebuilt: boolean;
}

/**
 * Makes the table what its statement says, in one transaction, once per ledger key: readers see the rows from before or those from
 * after. A full load replaces every row; an incremental one changes only those that differ, by the table's key.
 *
 * @throws TerminalError stagingReplaced when another run has filled or emptied what this one has put into the tables that a full
 *   load reads; duplicateKeys and invalidWarehouse as applyDifference
 */
export async function transformTable(session: Session, request: TransformRequest): Promise<TransformFacts> {
  const { key, statement, reads, mode = 'full' } = request;
  const { lineage } = statement;
  const read = [...reads, ...sourcesOf(lineage), ...lineage.derived.map(({ table }) => table)];
  await ensureLedger(session, [key, ...read.map((table) => ({ schema: key.schema, table }))]);
  return session.transaction(async () => {
    const done = await lockAndFindStep(session, key);
    if (done !== undefined) return factsOf(done, true);
    const made: WatermarkRequest = { key, definition: definitionOf(statement), lineage };
    const progress = await readProgress(session, made);
    const work = mode === 'full' ? replaceRows : changeRows;
    const { step, totalRows, rebuilt } = await work(session, request, progress);
    await writeWatermarks(session, { ...made, progress, rows: totalRows, rebuilt });
    await recordStep(session, key, { kind: 'transform', mode, files: 0, sizeBytes: 0, rejectedRows: 0, ...step });
    return factsOf(step, false);
  });
}

/** DELETE, because TRUNCATE would commit an empty table. */
async function replaceRows(session: Session, { key, statement, reads }: TransformRequest): Promise<Outcome> {
  await requireOwnRows(session, { key, reads });
  await claimTable(session, key);
  await session.run({
    sql: `delete from ${qualify(key.schema, key.table)}`,
    action: `Replacing the rows of ${key.table}`,
  });
  const file = statementFile({ table: key.table, whole: true });
  const { rowCount } = await session.run({ sql: statement.sql, action: `INSERT into ${key.table} by ${file}` });
  return { step: { rows: rowCount }, totalRows: rowCount, rebuilt: true };
}

/**
 * Whose rows the tables hold does not matter here: nothing is emptied, rows of another run are rows of the same sources, and what
 * comes too late for this step is beyond the watermark that it writes. So there is no requireOwnRows, and the owner stays.
 */
async function changeRows(session: Session, request: TransformRequest, progress: Progress): Promise<Outcome> {
  const { statement } = request;
  const { incremental } = statement;
  const { onlyAppended } = progress;
  if (!onlyAppended || incremental === undefined) {
    const applied = await apply(session, request, { insert: statement, whole: true });
    const changed = applied.inserted + applied.updated + applied.deleted > 0;
    return {
      step: stepOf(applied, 'definition'),
      totalRows: applied.wanted,
      rebuilt: !onlyAppended && changed,
    };
  }
  if (progress.grown.size === 0) {
    const step = { rows: 0, updatedRows: 0, deletedRows: 0, basis: 'new_rows' } as const;
    return { step, totalRows: progress.rows, rebuilt: false };
  }
  const { key } = request;
  const names = await createNewRows(session, { schema: key.schema, tables: incremental.newRowsOf, progress });
  const applied = await apply(session, request, { insert: incremental, whole: false });
  await dropTables(session, names);
  return {
    step: stepOf(applied, 'new_rows'),
    totalRows: progress.rows + applied.inserted - applied.deleted,
    rebuilt: false,
  };
}

function apply(
  session: Session,
  { key, statement }: TransformRequest,
  { insert, whole }: { readonly insert: InsertStatement; readonly whole: boolean },
): Promise<AppliedDifference> {
  const { columns, query } = insert;
  return applyDifference(session, { target: key, columns, query, key: statement.key, whole });
}

function stepOf({ inserted, updated, deleted }: AppliedDifference, basis: 'definition' | 'new_rows'): Outcome['step'] {
  return { rows: inserted + updated, updatedRows: updated, deletedRows: deleted, basis };
}

/** Another key is another table: rows were told apart by the old one. */
function definitionOf({ sql, key }: TransformStatement): string {
  return JSON.stringify([sql, key]);
}

function factsOf({ rows, updatedRows, deletedRows }: Outcome['step'], alreadyDone: boolean): TransformFacts {
  return {
    rows,
    ...(updatedRows !== undefined && { updatedRows }),
    ...(deletedRows !== undefined && { deletedRows }),
    alreadyDone,
  };
}
