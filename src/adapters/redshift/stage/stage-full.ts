import type { CopyFacts } from '../../../domain/facts.js';
import { requireUnchanged } from '../../s3/outdated-listing.js';
import { type LedgerKey, lockAndFindStep, recordFiles, recordStep } from '../ledger/ledger.js';
import { recordQuarantine } from '../ledger/quarantine-entries.js';
import { claimTable, hasRows } from '../ledger/table-owner.js';
import { readTableState } from '../ledger/table-state.js';
import { qualify } from '../quote.js';
import type { Session } from '../session/session.js';
import { runCopy } from './run-copy.js';
import { recordedFacts, stageFacts } from './stage-facts.js';
import type { PreparedStage } from './stage-table.js';

/**
 * Replaces the rows of a staging table by those of the files, in one transaction: readers see the rows from before or those from
 * after, and after a failed COPY the old ones stand.
 */
export function stageInFull(session: Session, stage: PreparedStage): Promise<CopyFacts> {
  const { key, copy, files, leftOut = [], relist, columns, context } = stage;
  return session.transaction(async () => {
    const done = await lockAndFindStep(session, key);
    if (done !== undefined) return recordedFacts(session, key, done);
    const { last } = await readTableState(session, key);
    const deletedRows = await deleteRows(session, key);
    await claimTable(session, key);
    const { schema, table } = key;
    const loaded = await runCopy(session, { copy: { ...copy, schema, table, columns }, table, ...context });
    requireUnchanged({ table, loaded: files, now: await relist() });
    const { rows, rejectedRows, rejects, rowsByUrl, copyId } = loaded;
    const loadNumber = last + 1;
    await recordQuarantine(session, { key, loadNumber, files, leftOut, rejectedRows, context });
    await recordFiles(session, key, {
      files: files.map((file) => ({ ...file, rows: rowsByUrl.get(file.url) })),
      loadNumber,
    });
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const step = {
      ...({
        kind: 'stage',
        mode: 'full',
        rows,
        files: files.length,
        sizeBytes,
        rejectedRows,
        deletedRows,
        copyId,
      } as const),
      quarantinedFiles: leftOut.length,
      load: { number: loadNumber, change: 'full', totalRows: rows } as const,
    };
    await recordStep(session, key, step);
    return stageFacts(step, { rejects, alreadyDone: false });
  });
}

/** DELETE, because TRUNCATE would commit an empty table; where there is nothing to delete it is not sent. */
async function deleteRows(session: Session, key: LedgerKey): Promise<number> {
  if (!(await hasRows(session, key))) return 0;
  const sql = `delete from ${qualify(key.schema, key.table)}`;
  return (await session.run({ sql, action: `Replacing the rows of ${key.table}` })).rowCount;
}
