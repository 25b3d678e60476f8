import type pg from 'pg';
import type { BackendSession } from '../backend-session.js';
import { sqlLiteral } from './sql-text.js';

/** Files recorded with one statement. */
const BATCH = 500;

/** A file whose rows are in the table, as sys_load_detail and stl_load_commits show it. */
export interface LoadedFile {
  readonly slice: number;
  readonly query_id: number;
  readonly file_name: string;
  readonly file_format: string;
  readonly bytes_scanned: number;
  readonly lines_scanned: number;
  readonly start_time: string;
  readonly end_time: string;
  readonly file_etag: string;
  readonly file_last_modified: string | null;
}

/** What is known of a COPY when it starts. */
export interface LoadStart {
  readonly userId: number;
  readonly queryId: number;
  readonly transactionId: string;
  readonly sessionId: number;
  readonly database: string;
  readonly table: string;
  readonly startTime: string;
  readonly dataSource: string;
  readonly fileFormat: string;
}

/** What is known of a COPY when it ends. */
export interface LoadEnd {
  readonly status: 'completed' | 'aborted';
  readonly loadedRows: number;
  readonly loadedBytes: number;
  readonly fileCount: number;
  readonly filesScanned: number;
  readonly errorCount: number;
  readonly errorMessage: string;
}

/** A moment in the form of TIMESTAMP, in UTC. */
export function timestampText(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

/** Records the loaded files inside the client's transaction: an aborted COPY leaves none. */
export async function recordLoadedFiles(session: BackendSession, files: readonly LoadedFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += BATCH) {
    const json = JSON.stringify(files.slice(at, at + BATCH));
    await session.query(`select redshift_local.record_load_files(${sqlLiteral(json)}::jsonb)`);
  }
}

/** The row of sys_load_history for one COPY. It survives a rollback, as it does in Redshift. */
export class LoadHistory {
  private constructor(
    private readonly admin: pg.Pool,
    private readonly loadId: string,
  ) {}

  static async start(admin: pg.Pool, load: LoadStart): Promise<LoadHistory> {
    const { rows } = await admin.query<{ load_id: string }>(
      `insert into redshift_local.load_history (user_id, query_id, transaction_id, session_id, database_name, status,
         table_name, start_time, data_source, file_format)
       values ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9) returning load_id`,
      [
        load.userId,
        load.queryId,
        load.transactionId,
        load.sessionId,
        load.database,
        load.table,
        load.startTime,
        load.dataSource,
        load.fileFormat,
      ],
    );
    return new LoadHistory(admin, rows[0]?.load_id ?? '0');
  }

  async end(load: LoadEnd): Promise<void> {
    await this.admin.query(
      `update redshift_local.load_history
          set status = $2, end_time = $3, loaded_rows = $4, loaded_bytes = $5, source_file_count = $6, source_file_bytes = $5,
              file_count_scanned = $7, file_bytes_scanned = $5, error_count = $8, error_message = $9
        where load_id = $1`,
      [
        this.loadId,
        load.status,
        timestampText(new Date()),
        load.loadedRows,
        load.loadedBytes,
        load.fileCount,
        load.filesScanned,
        load.errorCount,
        load.errorMessage,
      ],
    );
  }
}
