import { guardTable, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';
import { qualify, quoteLiteral } from './quote.js';
import type { Session } from './session.js';

/** Names a piece of work for ever: a step of one run of one workflow, on one table. */
export interface LedgerKey extends TargetTable {
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
}

/** What a committed step did. */
export interface LedgerStep {
  readonly kind: 'stage' | 'transform';
  readonly rows: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly rejectedRows: number;
  /** pg_last_copy_id() of a stage step. */
  readonly copyId?: number | undefined;
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

/** Some 300 bytes each, far below the 16 MB that Redshift takes in a statement. */
const FILES_PER_INSERT = 1_000;

/**
 * Takes the target's lock for this transaction and then asks whether the step is done. LOCK takes no snapshot (DG "Serializable
 * isolation"), so as the first statement after BEGIN it lets the question see what the attempt before committed.
 */
export async function lockAndFindStep(session: Session, key: LedgerKey): Promise<LedgerStep | undefined> {
  const guard = qualify(LEDGER_SCHEMA, guardTable(key));
  await session.run({ sql: `lock table ${guard}`, action: `Locking ${key.table}` });
  const done = await session.run({
    sql: `select step from ${guard} where ${stepIs(key)}`,
    action: `Asking the ledger for ${key.step}`,
  });
  return done.rows.length === 0 ? undefined : readStep(session, key);
}

/** Records the step in the transaction of its work. */
export async function recordStep(session: Session, key: LedgerKey, step: LedgerStep): Promise<void> {
  const action = `Recording ${key.step} in the ledger`;
  await session.run({
    sql: `insert into ${qualify(LEDGER_SCHEMA, guardTable(key))} (workflow_id, run_id, step)
      values (${literals([key.workflowId, key.runId, key.step])})`,
    action,
  });
  const { kind, rows, files, sizeBytes, rejectedRows, copyId = null } = step;
  const names = literals([key.workflowId, key.runId, key.step, kind, key.schema, key.table]);
  await session.run({
    sql: `insert into ${qualify(LEDGER_SCHEMA, 'load_steps')}
      (workflow_id, run_id, step, kind, table_schema, table_name, row_count, file_count, size_bytes, rejected_rows, copy_id, committed_at)
      values (${names}, ${rows}, ${files}, ${sizeBytes}, ${rejectedRows}, ${copyId}, getdate())`,
    action,
  });
}

/** Records what a COPY loaded, in its transaction. */
export async function recordFiles(session: Session, key: LedgerKey, files: readonly LedgerFile[]): Promise<void> {
  const step = literals([key.workflowId, key.runId, key.step, key.schema, key.table]);
  for (let start = 0; start < files.length; start += FILES_PER_INSERT) {
    const part = files.slice(start, start + FILES_PER_INSERT);
    const rows = part.map((file) => {
      const etag = file.etag === undefined ? 'null' : quoteLiteral(file.etag);
      return `(${step}, ${quoteLiteral(file.url)}, ${etag}, ${file.sizeBytes}, ${file.rows ?? 'null'}, getdate())`;
    });
    await session.run({
      sql: `insert into ${qualify(LEDGER_SCHEMA, 'load_files')}
        (workflow_id, run_id, step, table_schema, table_name, url, etag, size_bytes, row_count, committed_at)
        values ${rows.join(',\n')}`,
      action: `Recording the files of ${key.step} in the ledger`,
    });
  }
}

async function readStep(session: Session, key: LedgerKey): Promise<LedgerStep | undefined> {
  const { rows } = await session.run({
    sql: `select kind, row_count, file_count, size_bytes, rejected_rows from ${qualify(LEDGER_SCHEMA, 'load_steps')}
      where ${stepIs(key)} and table_schema = ${quoteLiteral(key.schema)} and table_name = ${quoteLiteral(key.table)}`,
    action: `Reading ${key.step} from the ledger`,
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    kind: row.kind === 'stage' ? 'stage' : 'transform',
    rows: Number(row.row_count),
    files: Number(row.file_count),
    sizeBytes: Number(row.size_bytes),
    rejectedRows: Number(row.rejected_rows),
  };
}

function stepIs({ workflowId, runId, step }: LedgerKey): string {
  return `workflow_id = ${quoteLiteral(workflowId)} and run_id = ${quoteLiteral(runId)} and step = ${quoteLiteral(step)}`;
}

/** Literals, not parameters: Redshift does not say how it types parameters in a VALUES list of many rows. */
function literals(texts: readonly string[]): string {
  return texts.map(quoteLiteral).join(', ');
}
