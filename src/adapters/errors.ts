import { FAILURES, type FailureKind, POLICIES } from '../domain/failure.js';

type KindWhere<Retryable extends boolean> = {
  [Kind in FailureKind]: (typeof POLICIES)[(typeof FAILURES)[Kind]['policy']]['retryable'] extends Retryable
    ? Kind
    : never;
}[FailureKind];

/** Kinds of failure that another attempt may cure. */
export type TransientKind = KindWhere<true>;
/** Kinds of failure that stay until a person changes something. */
export type TerminalKind = KindWhere<false>;

/** What went wrong, on what, and what the activity's failure carries. */
export interface AdapterErrorFields<Kind extends FailureKind> {
  readonly kind: Kind;
  /** What failed, on which resource, and what to do next; never a secret. */
  readonly message: string;
  /** The resource: a table, a URL, an endpoint, an ARN. */
  readonly resource: string;
  /** The other side's own code: a SQLSTATE, an AWS error name, a Node error code. */
  readonly code?: string | undefined;
  /** Facts for the failure's details, at most 20 rows and without secrets. */
  readonly details?: readonly unknown[] | undefined;
  readonly cause?: unknown;
}

/** Base of the errors that adapters throw; translated to ApplicationFailure by the activities. */
export abstract class AdapterError extends Error {
  abstract readonly kind: FailureKind;
  readonly resource: string;
  readonly code: string | undefined;
  readonly details: readonly unknown[];

  constructor(fields: AdapterErrorFields<FailureKind>) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.resource = fields.resource;
    this.code = fields.code;
    this.details = fields.details ?? [];
  }
}

/** Worth another attempt. */
export class TransientError extends AdapterError {
  override readonly name = 'TransientError';
  override readonly kind: TransientKind;
  constructor(fields: AdapterErrorFields<TransientKind>) {
    super(fields);
    this.kind = fields.kind;
  }
}

/** Fails the same way until a person changes something. */
export class TerminalError extends AdapterError {
  override readonly name = 'TerminalError';
  override readonly kind: TerminalKind;
  constructor(fields: AdapterErrorFields<TerminalKind>) {
    super(fields);
    this.kind = fields.kind;
  }
}

/** The error of that kind: transient or terminal as failure.ts says. */
export function adapterError(fields: AdapterErrorFields<FailureKind>): TransientError | TerminalError {
  return POLICIES[FAILURES[fields.kind].policy].retryable
    ? new TransientError(fields as AdapterErrorFields<TransientKind>)
    : new TerminalError(fields as AdapterErrorFields<TerminalKind>);
}
