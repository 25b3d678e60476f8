/** An error as the SQL face reports it to the client, in the fields of the protocol's ErrorResponse. */
export interface RedshiftErrorFields {
  /** Five-character SQLSTATE. */
  readonly sqlState: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** 1-based character offset into the statement the client sent. */
  readonly position?: number;
  readonly cause?: unknown;
}

/** A statement that Redshift refuses or fails, carrying the SQLSTATE and message the client sees. */
export class RedshiftError extends Error implements RedshiftErrorFields {
  readonly sqlState: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;

  constructor(fields: RedshiftErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'RedshiftError';
    this.sqlState = fields.sqlState;
    if (fields.detail !== undefined) this.detail = fields.detail;
    if (fields.hint !== undefined) this.hint = fields.hint;
    if (fields.position !== undefined) this.position = fields.position;
  }
}
