import type { CopyFacts } from '../../domain/facts.js';
import { TerminalError } from '../errors.js';
import { type CopyStatement, copyStatement } from './copy-statement.js';
import { describeRejection } from './describe-rejection.js';
import {
  type LedgerFile,
  type LedgerKey,
  type LedgerStep,
  lockAndFindStep,
  recordFiles,
  recordStep,
} from './ledger.js';
import { ensureLedger } from './ledger-tables.js';
import { type LoadErrors, readLoadErrors, serverTime } from './load-errors.js';
import { findLoadViews } from './load-views.js';
import { readLastCopy } from './loaded-files.js';
import { qualify } from './quote.js';
import type { Session } from './session.js';
import { isLoadRejection } from './sql-error.js';
import { claimTable, hasRows } from './table-owner.js';

/** A full load of one staging table. */
export interface StageRequest {
  readonly key: LedgerKey;
  readonly copy: Omit<CopyStatement, 'schema' | 'table'>;
  /** What the manifest lists. */
  readonly files: readonly Omit<LedgerFile, 'rows'>[];
}

const NO_ERRORS: LoadErrors = { count: 0, rows: [] };

/**
 * Empties the staging table and loads the manifest into it, once per ledger key: a step that is done returns its recorded facts.
 *
 * TRUNCATE commits. So it ends a first transaction, in which the step holds the target's lock and has asked the ledger: no attempt
 * can empty what another has finished. The COPY is a second one with its own lock and question, because another attempt may
 * have come in between, or another run: the rows of that one are deleted, and the table is this run's again.
 */
export async function stageTable(session: Session, request: StageRequest): Promise<CopyFacts> {
  const { key, copy, files } = request;
  await ensureLedger(session, [key]);
  const views = await findLoadViews(session);
  const emptied = await emptyUnlessDone(session, key);
  if (emptied !== undefined) return recordedFacts(emptied);
  const startedAt = await serverTime(session);
  return session.transaction(async () => {
    const done = await lockAndFindStep(session, key);
    if (done !== undefined) return recordedFacts(done);
    await emptyAgain(session, key);
    const rejectedRows = await runCopy(session, { key, copy, startedAt, views });
    const last = await readLastCopy(session, views);
    const rejected =
      rejectedRows === 0 ? NO_ERRORS : await readLoadErrors(session, { startedAt, views, expected: true });
    const facts = {
      rows: last.rows,
      files: files.length,
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
      rejectedRows: Math.max(rejectedRows, rejected.count),
    };
    await recordFiles(
      session,
      key,
      files.map((file) => ({ ...file, rows: last.rowsByUrl.get(file.url) })),
    );
    await recordStep(session, key, { kind: 'stage', ...facts, copyId: last.copyId });
    return { ...facts, rejects: rejected.rows, alreadyDone: false };
  });
}

async function emptyUnlessDone(session: Session, key: LedgerKey): Promise<LedgerStep | undefined> {
  return session.transaction(async () => {
    const done = await lockAndFindStep(session, key);
    if (done === undefined) {
      await claimTable(session, key);
      await session.run({ sql: `truncate ${qualify(key.schema, key.table)}`, action: `Emptying ${key.table}` });
    }
    return done;
  });
}

/** For rows that came after the TRUNCATE; DELETE, because it does not commit. */
async function emptyAgain(session: Session, key: LedgerKey): Promise<void> {
  if (await hasRows(session, key)) {
    await session.run({ sql: `delete from ${qualify(key.schema, key.table)}`, action: `Emptying ${key.table}` });
  }
  await claimTable(session, key);
}

/** Runs the COPY and returns how many rows it rejected within maxErrors. */
async function runCopy(
  session: Session,
  request: Pick<StageRequest, 'key' | 'copy'> & { readonly startedAt: string; readonly views: ReadonlySet<string> },
): Promise<number> {
  const { key, copy, startedAt, views } = request;
  const action = `COPY into ${key.table}`;
  try {
    const { notices } = await session.runRaw({
      sql: copyStatement({ ...copy, schema: key.schema, table: key.table }),
    });
    return rejectedInNotices(notices);
  } catch (error) {
    if (!isLoadRejection(error)) throw session.translate(error, action);
    await session.rollback();
    const { count, rows } = await readLoadErrors(session, { startedAt, views, expected: true });
    throw new TerminalError({
      kind: 'copyRejectedRows',
      message: describeRejection({ table: key.table, count, rows }),
      resource: rows[0]?.file ?? key.table,
      details: rows,
      cause: error,
    });
  }
}

/** "Load into table 't' completed, 3 record(s) could not be loaded.  Check 'stl_load_errors' system table for details." */
function rejectedInNotices(notices: readonly string[]): number {
  const found = notices.map((notice) => /(\d+) record\(s\) could not be loaded/i.exec(notice)?.[1]);
  return Number(found.find((count) => count !== undefined) ?? 0);
}

function recordedFacts(step: LedgerStep): CopyFacts {
  const { rows, files, sizeBytes, rejectedRows } = step;
  return { rows, files, sizeBytes, rejectedRows, rejects: [], alreadyDone: true };
}
