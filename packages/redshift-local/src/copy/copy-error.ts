import { RedshiftError } from '../redshift-error.js';

/** Redshift's own error code for everything that goes wrong between COPY and S3. */
export const S3_ERROR_CODE = 8001;

/** What a COPY error needs to know about the running statement. */
export interface StatementContext {
  readonly queryId: number;
  readonly processId: number;
}

/** A COPY error with the detail block that Redshift puts under it. */
export interface CopyErrorFields {
  readonly message: string;
  /** What was being done, for example `S3 key being read : s3://bucket/key`. */
  readonly context?: string;
  readonly code?: number;
  readonly location?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

const RULE = '-----------------------------------------------';

/** Makes the RedshiftError XX000 for a COPY that fails outside of its rows. */
export function copyError(statement: StatementContext, fields: CopyErrorFields): RedshiftError {
  const { message, context = '', code = S3_ERROR_CODE, location = 's3_utility.cpp', hint, cause } = fields;
  const lines = [
    '',
    `  ${RULE}`,
    `  error:  ${message}`,
    `  code:      ${code}`,
    `  context:   ${context}`,
    `  query:     ${statement.queryId}`,
    `  location:  ${location}`,
    `  process:   padbmaster [pid=${statement.processId}]`,
    `  ${RULE}`,
    '',
  ];
  return new RedshiftError({
    sqlState: 'XX000',
    message,
    detail: lines.join('\n'),
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

/** The COPY was cancelled by the client (57014, as PostgreSQL and Redshift report it). */
export function cancelledError(cause?: unknown): RedshiftError {
  return new RedshiftError({ sqlState: '57014', message: "Query cancelled on user's request", cause });
}
