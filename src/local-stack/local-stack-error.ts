/** What went wrong with the local stack, for callers that react to one of them. */
export type LocalStackErrorCode =
  | 'already-running'
  | 'binary-unavailable'
  | 'port-taken'
  | 'server-failed'
  | 'state-unusable'
  | 'unreachable'
  | 'upload-failed';

/** The local stack could not do what it was asked to; the message says what failed, on what, and what to do next. */
export class LocalStackError extends Error {
  override readonly name = 'LocalStackError';

  constructor(
    readonly code: LocalStackErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
