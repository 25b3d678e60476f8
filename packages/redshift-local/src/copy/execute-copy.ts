import type pg from 'pg';
import type { BackendSession } from '../backend-session.js';
import { RedshiftError } from '../redshift-error.js';
import type { Token } from '../sql/token.js';
import type { S3Settings } from './s3-settings.js';

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

/**
 * Runs a Redshift COPY from S3 in the client's session.
 *
 * Throws RedshiftError with the SQLSTATE and message of Redshift. Rejected rows are kept in the load-error views even when the
 * client's transaction rolls back; load commits only become visible with it.
 */
export async function executeCopy(request: CopyRequest): Promise<CopyOutcome> {
  throw new RedshiftError({ sqlState: '0A000', message: `COPY is not built yet: ${request.sql}` });
}
