import type pg from 'pg';
import type { BackendSession } from '../backend-session.js';
import { RedshiftError } from '../redshift-error.js';
import type { Token } from '../sql/token.js';
import { chooseRowReader } from './choose-row-reader.js';
import type { CopyCommand } from './copy-command.js';
import type { StatementContext } from './copy-error.js';
import { LoadErrors } from './load-errors.js';
import { LoadHistory, recordLoadedFiles, timestampText } from './load-history.js';
import { openObjects } from './object-stream.js';
import { parseCopy } from './parse-copy.js';
import { RowEncoder } from './row-encoder.js';
import { RowLoad } from './row-load.js';
import { S3Access, type S3Object } from './s3-access.js';
import { s3Url } from './s3-location.js';
import type { S3Settings } from './s3-settings.js';
import { findObjects } from './s3-source.js';
import { sqlName } from './sql-text.js';
import type { LoadColumn } from './target-column.js';
import { copyInSql, loadColumns, readTargetTable, type TargetTable } from './target-table.js';

/** One COPY ... FROM statement, to be run inside the client's own session and transaction. */
export interface CopyRequest {
  /** The tokens of the statement, trivia included. */
  readonly tokens: readonly Token[];
  /** The statement as the client sent it; token offsets and error positions point into it. */
  readonly sql: string;
  readonly session: BackendSession;
  /** Superuser connections to the same database, for the load errors that survive the client's rollback. */
  readonly admin: pg.Pool;
  readonly s3: S3Settings;
  /** Slices of the cluster, as the load views report them. */
  readonly slices: number;
  readonly queryId: number;
  /** Throws RedshiftError when the cluster's disk is full; asked while rows come in. */
  checkDisk?(): Promise<void>;
  /** Writes one line to the endpoint's log. */
  log(line: string): void;
}

/** What the client is told about a COPY that succeeded. */
export interface CopyOutcome {
  /** Rows loaded; 0 for NOLOAD. */
  readonly rowCount: number;
  /** For example "Load into table 't' completed, 8056 record(s) loaded successfully." */
  readonly notices: readonly string[];
}

/** A COPY whose statement is understood and whose table is found. */
interface PreparedCopy {
  readonly request: CopyRequest;
  readonly command: CopyCommand;
  readonly table: TargetTable;
  readonly columns: readonly LoadColumn[];
  readonly access: S3Access;
  readonly statement: StatementContext;
  readonly startTime: string;
}

/**
 * Runs a Redshift COPY from S3 in the client's session. A transaction must be open; the caller commits it, or rolls it back when
 * this throws.
 *
 * Throws RedshiftError with the SQLSTATE and message of Redshift. Rejected rows are kept in the load-error views even when the
 * client's transaction rolls back; load commits only become visible with it.
 */
export async function executeCopy(request: CopyRequest): Promise<CopyOutcome> {
  const { session, queryId } = request;
  const command = parseCopy(request.tokens, request.sql);
  const statement = { queryId, processId: session.processId };
  const { credential, region } = command;
  const access = new S3Access({ settings: request.s3, credential, region, statement, signal: session.signal });
  try {
    const table = await readTargetTable(session, command);
    const columns = loadColumns(table, command);
    const startTime = timestampText(new Date());
    return await recorded({ request, command, table, columns, access, statement, startTime });
  } finally {
    access.close();
  }
}

/** Runs the load between the two halves of its row in sys_load_history. */
async function recorded(copy: PreparedCopy): Promise<CopyOutcome> {
  const { request, command, table, columns } = copy;
  const { session, queryId, admin } = request;
  const { userId, transactionId } = table;
  const shared = { userId, queryId, transactionId, sessionId: session.processId, database: session.database };
  const dataSource = s3Url(command.source);
  const fileFormat = FILE_FORMATS[command.format.kind];
  const { startTime } = copy;
  const history = await LoadHistory.start(admin, { ...shared, table: table.name, startTime, dataSource, fileFormat });
  const errors = new LoadErrors(admin, errorOrigin(copy), columns);
  const progress: Progress = { objects: [] };
  const finish = (failure: string): Promise<void> => finishRecord(copy, { history, errors, progress, failure });
  let outcome: CopyOutcome;
  try {
    outcome = await load(copy, errors, progress);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    // What failed first is what the client must hear of.
    await finish(failure).catch((late: unknown) =>
      request.log(`COPY ${table.name}: load errors were not kept: ${late}`),
    );
    throw error;
  }
  await finish('');
  return outcome;
}

interface RecordEnd {
  readonly history: LoadHistory;
  readonly errors: LoadErrors;
  readonly progress: Progress;
  /** Empty when the COPY succeeded. */
  readonly failure: string;
}

async function finishRecord({ request, command, table }: PreparedCopy, end: RecordEnd): Promise<void> {
  const { history, errors, failure } = end;
  const { run, objects } = end.progress;
  const rows = run?.rows ?? 0;
  await errors.flush();
  await history.end({
    status: failure === '' ? 'completed' : 'aborted',
    loadedRows: failure === '' && !command.noLoad ? rows : 0,
    loadedBytes: run?.bytes ?? 0,
    fileCount: objects.length,
    filesScanned: run?.files.length ?? 0,
    errorCount: errors.count,
    errorMessage: failure,
  });
  const source = s3Url(command.source);
  request.log(`COPY ${table.name} <- ${source}: ${rows} rows, ${errors.count} rejected, ${failure || 'completed'}`);
}

const FILE_FORMATS = { json: 'JSON', csv: 'Text', delimited: 'Text' } as const;

/** How far a load came, whether it succeeds or not. */
interface Progress {
  objects: readonly S3Object[];
  run?: RowLoad;
}

async function load(copy: PreparedCopy, errors: LoadErrors, progress: Progress): Promise<CopyOutcome> {
  const { request, command, table, columns, access, statement } = copy;
  const { session, slices, queryId } = request;
  const reader = await chooseRowReader({ command, columns, access, statement });
  const objects = await findObjects({ command, access, statement });
  progress.objects = objects;
  const run = new RowLoad({
    objects: openObjects({ objects, access, gzip: command.gzip, statement }),
    reader,
    encoder: new RowEncoder(columns, command.conversion),
    errors,
    errorLimit: command.errorLimit,
    tableName: table.name,
    formatName: FILE_FORMATS[command.format.kind],
    slices,
    queryId,
    signal: session.signal,
  });
  progress.run = run;
  if (command.noLoad) {
    for await (const _chunk of run.chunks());
    return toOutcome(copy, 0, errors.count);
  }
  const chunks = request.checkDisk === undefined ? run.chunks() : withDiskChecked(run.chunks(), request.checkDisk);
  const rowCount = await session.copyIn(copyInSql(table, columns), chunks);
  await request.checkDisk?.();
  if (rowCount !== run.rows) throw miscount(rowCount, run.rows);
  await recordLoadedFiles(session, run.files);
  if (rowCount > 0) await session.query(analyzeSql(table));
  return toOutcome(copy, rowCount, errors.count);
}

/** Bytes of rows between two looks at the disk. */
const DISK_CHECK_BYTES = 4 * 1024 * 1024;

async function* withDiskChecked(chunks: AsyncIterable<Buffer>, checkDisk: () => Promise<void>): AsyncGenerator<Buffer> {
  let unchecked = 0;
  for await (const chunk of chunks) {
    unchecked += chunk.length;
    if (unchecked >= DISK_CHECK_BYTES) {
      unchecked = 0;
      await checkDisk();
    }
    yield chunk;
  }
}

/**
 * Without statistics PostgreSQL plans the next join of the table as nested loops; Redshift hashes it whether it has them or not. So
 * they are taken after every COPY, with STATUPDATE OFF too: from a sample, whose size does not grow with the table.
 */
function analyzeSql({ schema, name }: TargetTable): string {
  return `analyze ${sqlName(schema)}.${sqlName(name)}`;
}

function miscount(stored: number, sent: number): RedshiftError {
  return new RedshiftError({ sqlState: 'XX000', message: `COPY sent ${sent} rows, but PostgreSQL stored ${stored}` });
}

function errorOrigin({ request, table, startTime }: PreparedCopy): ConstructorParameters<typeof LoadErrors>[1] {
  return {
    user_id: table.userId,
    table_id: table.oid,
    start_time: startTime,
    session_id: request.session.processId,
    query_id: request.queryId,
    transaction_id: table.transactionId,
    database_name: request.session.database,
  };
}

function toOutcome({ table }: PreparedCopy, rowCount: number, errorCount: number): CopyOutcome {
  const loaded = `Load into table '${table.name}' completed, ${rowCount} record(s) loaded successfully.`;
  if (errorCount === 0) return { rowCount, notices: [loaded] };
  const rejected = `Load into table '${table.name}' completed, ${errorCount} record(s) could not be loaded.  Check 'stl_load_errors' system table for details.`;
  return { rowCount, notices: [loaded, rejected] };
}
