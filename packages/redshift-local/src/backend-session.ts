/** Rows of a statement run inside a client's own session; every value in PostgreSQL's text form. */
export interface BackendResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** For example `INSERT 0 5`. */
  readonly commandTag: string;
}

/**
 * The PostgreSQL session behind one client connection, for statements that the SQL face runs on the client's behalf,
 * inside the client's own transaction. Never used while a client statement is in flight.
 */
export interface BackendSession {
  readonly processId: number;
  readonly user: string;
  readonly database: string;
  /** Runs one statement of PostgreSQL's dialect. Throws RedshiftError with the server's own fields. */
  query(sql: string): Promise<BackendResult>;
  /**
   * Runs `COPY ... FROM STDIN` and feeds it the chunks, waiting for the socket to drain. If the iterator throws, the COPY is
   * aborted with CopyFail and the iterator's error is rethrown. Returns the number of rows.
   */
  copyIn(sql: string, chunks: AsyncIterable<Buffer>): Promise<number>;
  /** Aborted when the client sends CancelRequest or goes away. */
  readonly signal: AbortSignal;
}
