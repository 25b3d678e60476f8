/**
 * Types of ApplicationFailure that Starshift throws, shown in the Web UI. Non-retryable ones end the step at once; a retry
 * policy never sees them twice.
 */
export const FAILURES = {
  /** The input names errors; the run ends at once. */
  invalidInput: { type: 'InvalidInput', retryable: false },
  /** warehouse.yaml or one of its files is wrong. */
  invalidWarehouse: { type: 'InvalidWarehouse', retryable: false },
  /** COPY rejected rows beyond maxErrors. */
  copyRejectedRows: { type: 'CopyRejectedRows', retryable: false },
  /** Another load has replaced the rows that this run has staged; nothing was changed from them. */
  stagingReplaced: { type: 'StagingReplaced', retryable: false },
  /** A file that the ledger knows has changed in the source, and the input says onChanged: "fail". */
  fileChanged: { type: 'FileChanged', retryable: false },
  /** A table does not hold what the ledger says it holds; nothing was changed. */
  ledgerMismatch: { type: 'LedgerMismatch', retryable: false },
  /** A load statement gives several rows for one key; an incremental load cannot tell which one is meant. */
  duplicateKeys: { type: 'DuplicateKeys', retryable: false },
  /** Another run works on the same tables, and the input says whenBusy: "fail". */
  warehouseBusy: { type: 'WarehouseBusy', retryable: false },
  /** A statement that will fail again: syntax, types, permissions, missing objects. */
  sqlTerminal: { type: 'SqlFailed', retryable: false },
  /** Wrong password or user; never retried, because repeated failures lock the user out. */
  authentication: { type: 'AuthenticationFailed', retryable: false },
  /** TLS verification failed. */
  tls: { type: 'TlsVerificationFailed', retryable: false },
  /** A lost connection, a restart, a timeout: worth another attempt. */
  sqlTransient: { type: 'SqlInterrupted', retryable: true },
  /** Serialisation conflicts (1023, SNAPSHOT conflicts, deadlocks). */
  sqlConflict: { type: 'SqlConflict', retryable: true },
  /** No route to the endpoint, name not resolved, connection refused. */
  unreachable: { type: 'Unreachable', retryable: true },
  /** Missing bucket, prefix without files, manifest not writable. */
  source: { type: 'SourceUnavailable', retryable: false },
  /** An AWS call that will fail again. */
  awsTerminal: { type: 'AwsFailed', retryable: false },
  /** Throttling, 5xx, a state that will pass. */
  awsTransient: { type: 'AwsInterrupted', retryable: true },
  /** A resource of that name exists and does not carry this project's tags. */
  foreignResource: { type: 'ForeignResource', retryable: false },
  /** A check of severity error found offending rows. */
  checkFailed: { type: 'CheckFailed', retryable: false },
  /** An update that answers nothing: unknown step, step not parked, wrong argument. The run goes on waiting. */
  invalidDecision: { type: 'InvalidDecision', retryable: false },
  /** A person answered with abort. */
  aborted: { type: 'RunAborted', retryable: false },
  /** Nobody answered within decisionTimeout. */
  decisionExpired: { type: 'DecisionExpired', retryable: false },
  /** A failed step ended the run because the input says onFailure: "fail". */
  stepFailed: { type: 'StepFailed', retryable: false },
  /** A fault in Starshift's own workflow code; the run ends instead of hanging, and its stack trace is in the failure. */
  internal: { type: 'InternalError', retryable: false },
} as const;

export type FailureKind = keyof typeof FAILURES;
export type FailureType = (typeof FAILURES)[FailureKind]['type'];
