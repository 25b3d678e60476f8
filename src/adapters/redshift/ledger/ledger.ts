import type { LoadMode } from '../../../domain/input.js';
import { qualify, quoteLiteral } from '../quote.js';
import { runLocking } from '../session/lock-wait.js';
import type { Session } from '../session/session.js';
import { type HeldClaim, requireClaim } from './held-claim.js';
import { guardTable, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';

/**
 * Names a piece of work for ever: a step of one run of one workflow, on one table.
 *
 * A reset makes a new run, with an id of its own. What its history has from before the reset point is done and not asked again; what comes
 * after is other work, though step and workflow are the same: whoever resets wants it done anew, perhaps with mended files. It is
 * harmless, because a full load replaces the rows and an incremental one finds its files known.
 */
export interface LedgerKey extends TargetTable {
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
  /** What the run must still have when the step writes, see requireClaim. Absent: nothing was claimed. */
  readonly claim?: HeldClaim | undefined;
}

/** What a committed step did. */
export interface LedgerStep {
  /** `create`: a staging table was created anew, so that the files in it are gone. */
  readonly kind: 'stage' | 'transform' | 'create';
  readonly mode?: LoadMode | undefined;
  readonly rows: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly rejectedRows: number;
  readonly updatedRows?: number | undefined;
  readonly deletedRows?: number | undefined;
  /** Of an incremental transform: whether it compared the whole table or only the keys of newly staged rows. */
  readonly basis?: 'definition' | 'new_rows' | undefined;
  /** Files that the step put into quarantine. */
  readonly quarantinedFiles?: number | undefined;
  /** pg_last_copy_id() of a stage step. */
  readonly copyId?: number | undefined;
  /** What the step did to a staging table; absent where it left it as it was. */
  readonly load?: TableLoad | undefined;
}

/** One load of a staging table: the table's own history, by number. */
export interface TableLoad {
  /** 1, 2, 3... a table: see readTableState. */
  readonly number: number;
  /** `full`: what was there before is gone; `append`: it is all still there; `replace`: rows of earlier loads were loaded anew. */
  readonly change: 'full' | 'append' | 'replace';
  /** Rows of the table after the load. */
  readonly totalRows: number;
}

/** A file that a committed COPY loaded. */
export interface LedgerFile {
  /** `s3://` URL. */
  readonly url: string;
  readonly etag?: string | undefined;
  readonly sizeBytes: number;
  /** Absent where the load views do not say. */
  readonly rows?: number | undefined;
}

/** Files are some 300 bytes each, rejected rows at most 10 KB: below the 16 MB that Redshift takes in a statement. */
const ROWS_PER_INSERT = 1_000;

/**
 * Takes the locks of the targets for this transaction. LOCK takes no snapshot (DG "Serializable isolation"), so as the first
 * statement after BEGIN, one for all of them, it lets what follows see what the attempt before committed.
 */
export async function lockTargets(session: Session, targets: readonly TargetTable[]): Promise<void> {
  const guards = targets.map(guardTable).sort();
  await runLocking(session, {
    sql: `lock table ${guards.map((guard) => qualify(LEDGER_SCHEMA, guard)).join(', ')}`,
    action: `Locking ${targets.map(({ table }) => table).join(', ')}`,
    tables: guards.map((table) => ({ schema: LEDGER_SCHEMA, table })),
  });
}

/**
 * Takes the target's lock for this transaction, as its first statement, and then asks whether the step is done. If not, it may be
 * done now.
 *
 * @throws TerminalError claimLost when it is not done, and its run no longer has the tables that it had claimed
 */
export async function lockAndFindStep(session: Session, key: LedgerKey): Promise<LedgerStep | undefined> {
  const guard = qualify(LEDGER_SCHEMA, guardTable(key));
  await lockTargets(session, [key]);
  const done = await session.run({
    sql: `select step from ${guard} where ${stepIs(key)}`,
    action: `Asking the ledger for ${key.step}`,
  });
  if (done.rows.length > 0) return readStep(session, key);
  if (key.claim !== undefined) await requireClaim(session, key.claim);
  return undefined;
}

/** Records the step in the transaction of its work. */
export async function recordStep(session: Session, key: LedgerKey, step: LedgerStep): Promise<void> {
  const action = `Recording ${key.step} in the ledger`;
  const { kind, mode, load, rows, files, sizeBytes, rejectedRows } = step;
  const who = literals([key.workflowId, key.runId, key.step]);
  const change = load === undefined ? 'null' : quoteLiteral(load.change);
  const loadNumber = load?.number ?? null;
  await session.run({
    sql: `insert into ${qualify(LEDGER_SCHEMA, guardTable(key))} (workflow_id, run_id, step, change, load_number, total_rows)
      values (${who}, ${change}, ${loadNumber}, ${load?.totalRows ?? null})`,
    action,
  });
  const described = step.basis === undefined ? change : quoteLiteral(step.basis);
  const { updatedRows = null, deletedRows = null, quarantinedFiles = null, copyId = null } = step;
  await session.run({
    sql: `insert into ${qualify(LEDGER_SCHEMA, 'load_steps')}
      (workflow_id, run_id, step, kind, mode, change, table_schema, table_name, load_number, row_count, updated_rows, deleted_rows,
       file_count, size_bytes, rejected_rows, quarantined_files, copy_id, committed_at)
      values (${who}, ${quoteLiteral(kind)}, ${mode === undefined ? 'null' : quoteLiteral(mode)}, ${described},
        ${literals([key.schema, key.table])}, ${loadNumber}, ${rows}, ${updatedRows}, ${deletedRows},
        ${files}, ${sizeBytes}, ${rejectedRows}, ${quarantinedFiles}, ${copyId}, getdate())`,
    action,
  });
}

/** Records what a COPY loaded, in its transaction. */
export async function recordFiles(
  session: Session,
  key: LedgerKey,
  { files, loadNumber }: { readonly files: readonly LedgerFile[]; readonly loadNumber: number },
): Promise<void> {
  const step = literals([key.workflowId, key.runId, key.step, key.schema, key.table]);
  const rows = files.map((file) => {
    const etag = file.etag === undefined ? 'null' : quoteLiteral(file.etag);
    return `(${step}, ${loadNumber}, ${quoteLiteral(file.url)}, ${etag}, ${file.sizeBytes}, ${file.rows ?? 'null'}, getdate())`;
  });
  await insertRows(session, {
    into: `${qualify(LEDGER_SCHEMA, 'load_files')}
      (workflow_id, run_id, step, table_schema, table_name, load_number, url, etag, size_bytes, row_count, committed_at)`,
    rows,
    action: `Recording the files of ${key.step} in the ledger`,
  });
}

/** Inserts row literals, so many a statement as Redshift takes in one. */
export async function insertRows(
  session: Session,
  insert: { readonly into: string; readonly rows: readonly string[]; readonly action: string },
): Promise<void> {
  const { into, rows, action } = insert;
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const part = rows.slice(start, start + ROWS_PER_INSERT);
    await session.run({ sql: `insert into ${into} values\n${part.join(',\n')}`, action });
  }
}

async function readStep(session: Session, key: LedgerKey): Promise<LedgerStep | undefined> {
  const { rows } = await session.run({
    sql: `select kind, mode, row_count, updated_rows, deleted_rows, file_count, size_bytes, rejected_rows, quarantined_files
      from ${qualify(LEDGER_SCHEMA, 'load_steps')}
      where ${stepIs(key)} and table_schema = ${quoteLiteral(key.schema)} and table_name = ${quoteLiteral(key.table)}`,
    action: `Reading ${key.step} from the ledger`,
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    kind: row.kind as LedgerStep['kind'],
    mode: (row.mode ?? undefined) as LoadMode | undefined,
    rows: Number(row.row_count),
    files: Number(row.file_count),
    sizeBytes: Number(row.size_bytes),
    rejectedRows: Number(row.rejected_rows),
    updatedRows: numberOf(row.updated_rows),
    deletedRows: numberOf(row.deleted_rows),
    quarantinedFiles: numberOf(row.quarantined_files),
  };
}

function numberOf(text: string | null | undefined): number | undefined {
  return text === null || text === undefined ? undefined : Number(text);
}

function stepIs({ workflowId, runId, step }: LedgerKey): string {
  return `workflow_id = ${quoteLiteral(workflowId)} and run_id = ${quoteLiteral(runId)} and step = ${quoteLiteral(step)}`;
}

/** Literals, not parameters: Redshift does not say how it types parameters in a VALUES list of many rows. */
function literals(texts: readonly string[]): string {
  return texts.map(quoteLiteral).join(', ');
}
