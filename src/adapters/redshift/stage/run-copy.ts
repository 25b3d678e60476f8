import type { RejectedRow } from '../../../domain/facts.js';
import { TerminalError } from '../../errors.js';
import type { Session } from '../session/session.js';
import { isLoadRejection } from '../sql-failures/sql-error.js';
import { type CopyStatement, copyStatement } from './copy-statement.js';
import { describeRejection } from './describe-rejection.js';
import { type LoadErrors, readLoadErrors, serverTime } from './load-errors.js';
import { findLoadViews } from './load-views.js';
import { type LastCopy, readLastCopy } from './loaded-files.js';

/** What a session must know before the transaction of its COPY begins. */
export interface CopyContext {
  /** The server's time before the COPY. */
  readonly startedAt: string;
  /** The load views there are. */
  readonly views: ReadonlySet<string>;
}

/** A COPY, and the staging table that it is for. */
export interface CopyRun extends CopyContext {
  readonly copy: CopyStatement;
  /** Name for errors; the COPY itself may go into a temporary table. */
  readonly table: string;
}

/** What a COPY that succeeded loaded and left out. */
export interface CopyOutcome extends LastCopy {
  /** Rows that it left out within maxErrors. */
  readonly rejectedRows: number;
  /** The first ones, as far as the views show them by now. */
  readonly rejects: readonly RejectedRow[];
}

/** In the transaction, which holds the table's lock: what the views show later comes into quarantine after the COMMIT. */
const VIEWS_SETTLE_MS = 1_000;

const NO_ERRORS: LoadErrors = { count: 0, rows: [] };

/** Asks what `runCopy` needs. Before BEGIN: inside a transaction a missing view would abort it. */
export async function prepareCopy(session: Session): Promise<CopyContext> {
  return { views: await findLoadViews(session), startedAt: await serverTime(session) };
}

/**
 * Runs a COPY in the transaction that is open.
 * @throws TerminalError copyRejectedRows with file, line, column and value; the transaction is rolled back by then
 */
export async function runCopy(session: Session, run: CopyRun): Promise<CopyOutcome> {
  const { startedAt, views } = run;
  const noticed = rejectedInNotices(await copyNotices(session, run));
  const last = await readLastCopy(session, views);
  const shown = { startedAt, views, expected: noticed, settleMs: VIEWS_SETTLE_MS };
  const rejected = noticed === 0 ? NO_ERRORS : await readLoadErrors(session, shown);
  return { ...last, rejectedRows: Math.max(noticed, rejected.count), rejects: rejected.rows };
}

async function copyNotices(session: Session, { copy, table, startedAt, views }: CopyRun): Promise<readonly string[]> {
  try {
    return (await session.runRaw({ sql: copyStatement(copy) })).notices;
  } catch (error) {
    if (!isLoadRejection(error)) throw session.translate(error, `COPY into ${table}`);
    await session.rollback();
    const { count, rows } = await readLoadErrors(session, { startedAt, views, expected: 1 });
    throw new TerminalError({
      kind: 'copyRejectedRows',
      message: describeRejection({ table, count, rows }),
      resource: rows[0]?.file ?? table,
      details: [...rows, { rejectedRows: count }],
      cause: error,
    });
  }
}

/** "Load into table 't' completed, 3 record(s) could not be loaded.  Check 'stl_load_errors' system table for details." */
function rejectedInNotices(notices: readonly string[]): number {
  const found = notices.map((notice) => /(\d+) record\(s\) could not be loaded/i.exec(notice)?.[1]);
  return Number(found.find((count) => count !== undefined) ?? 0);
}
