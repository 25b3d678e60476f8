/**
 * What happens to a step whose attempt failed. A policy counts all attempts of the activity, whatever ended them; the last one that it
 * allows parks the step. Delays are computed where the attempt runs (activities/to-failure.ts), never in workflow code.
 */
export const POLICIES = {
  /** Tried again after the delay of its class of work. Few times: an attempt may be hours of COPY. */
  retry: { retryable: true, attempts: 8 },
  /**
   * Tried again after a random delay that doubles ("full jitter"): those who got into each other's way, or were too many, must not
   * come back together. Many times: such an attempt fails early and costs little, and waiting is what cures it; up to about
   * ten minutes in all.
   */
  backOff: { retryable: true, attempts: 20, delay: { firstMs: 1_000, maxMs: 60_000, fixedShare: 0 } },
  /** Tried again until a cluster that resumes, restarts or is patched is back: 20 minutes and more. Costs nothing but the wait. */
  wait: { retryable: true, attempts: 30, delay: { firstMs: 1_000, maxMs: 60_000, fixedShare: 0.8 } },
  /** Tried again a few times: what has an expiry (roles, SSO) the SDK has renewed by then; keys in the environment stay as they are. */
  refresh: { retryable: true, attempts: 5, delay: { firstMs: 2_000, maxMs: 15_000, fixedShare: 0.5 } },
  /** The step parks at once: it fails the same way until a person changes something. */
  park: { retryable: false },
  /** As `park`, and no other step of the run logs in before a person has answered: repeated failures lock the user out. */
  lockout: { retryable: false },
  /** The run ends, or an answer to it is refused; no activity is tried again. */
  end: { retryable: false },
} as const satisfies Record<string, FailurePolicy>;

export type PolicyName = keyof typeof POLICIES;

/** See POLICIES. */
export interface FailurePolicy {
  readonly retryable: boolean;
  /** How many attempts there may be in all. */
  readonly attempts?: number;
  /** Absent: the delay of the activity's own policy. */
  readonly delay?: BackOff;
}

/** A delay that doubles with each attempt, a part of it by chance. */
export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Part that is waited in any case, 0 to 1; the rest is random. */
  readonly fixedShare: number;
}

/**
 * Types of ApplicationFailure that Starshift throws, shown in the Web UI, and the policy for each. The rules that sort errors into them
 * are in adapters/redshift/sql-failures, adapters/aws and adapters/s3; docs/errors.md shows all of it.
 */
export const FAILURES = {
  /** The input names errors; the run ends at once. */
  invalidInput: { type: 'InvalidInput', policy: 'end' },
  /** warehouse.yaml or one of its files is wrong. */
  invalidWarehouse: { type: 'InvalidWarehouse', policy: 'park' },
  /** COPY rejected rows beyond maxErrors. */
  copyRejectedRows: { type: 'CopyRejectedRows', policy: 'park' },
  /** Another load has replaced the rows that this run has staged; nothing was changed from them. */
  stagingReplaced: { type: 'StagingReplaced', policy: 'park' },
  /** A file that the ledger knows has changed in the source, and the input says onChanged: "fail". */
  fileChanged: { type: 'FileChanged', policy: 'park' },
  /** Files changed while they were loaded, or the table was rebuilt since they were listed; nothing was loaded. A new listing may mend it. */
  listingOutdated: { type: 'ListingOutdated', policy: 'park' },
  /** A table does not hold what the ledger says it holds; nothing was changed. */
  ledgerMismatch: { type: 'LedgerMismatch', policy: 'park' },
  /** A load statement gives several rows for one key; an incremental load cannot tell which one is meant. */
  duplicateKeys: { type: 'DuplicateKeys', policy: 'park' },
  /** Another run works on the same tables, and the input says whenBusy: "fail". */
  warehouseBusy: { type: 'WarehouseBusy', policy: 'end' },
  /** The tables are claimed by a run of a Temporal namespace that cannot be asked whether it still runs. */
  foreignClaim: { type: 'ForeignClaim', policy: 'park' },
  /** A step of a run that no longer has the tables it claimed; nothing was written. */
  claimLost: { type: 'ClaimLost', policy: 'park' },
  /** A statement that will fail again: syntax, types, permissions, missing objects. */
  sqlTerminal: { type: 'SqlFailed', policy: 'park' },
  /** Wrong password or user; never retried, because repeated failures lock the user out. */
  authentication: { type: 'AuthenticationFailed', policy: 'lockout' },
  /** TLS verification failed. */
  tls: { type: 'TlsVerificationFailed', policy: 'park' },
  /** A lost connection, a restart, a timeout: worth another attempt. */
  sqlTransient: { type: 'SqlInterrupted', policy: 'retry' },
  /** Serialisation conflicts (1023, SNAPSHOT conflicts, deadlocks). */
  sqlConflict: { type: 'SqlConflict', policy: 'backOff' },
  /** No route to the endpoint, connection refused. */
  unreachable: { type: 'Unreachable', policy: 'wait' },
  /** A warehouse that starts, stops, is resized or is paused. */
  notReady: { type: 'WarehouseNotReady', policy: 'wait' },
  /** The host's name is not known: a misspelt one as a rule. */
  unknownHost: { type: 'Unreachable', policy: 'retry' },
  /** AWS, S3 or a full queue asks to slow down. */
  throttled: { type: 'Throttled', policy: 'backOff' },
  /** Credentials that were right and have run out; wrong ones are awsTerminal. */
  expired: { type: 'CredentialsExpired', policy: 'refresh' },
  /** What a dead attempt has left on the server is not gone yet. */
  abandonedSession: { type: 'AbandonedSession', policy: 'wait' },
  /** Missing bucket, prefix without files, manifest not writable. */
  source: { type: 'SourceUnavailable', policy: 'park' },
  /** A file to be left out or loaded anew is not in the source: a misspelt name as a rule. */
  notListed: { type: 'FileNotListed', policy: 'park' },
  /** An AWS call that will fail again. */
  awsTerminal: { type: 'AwsFailed', policy: 'park' },
  /** A fault of AWS, or a state that will pass. */
  awsTransient: { type: 'AwsInterrupted', policy: 'retry' },
  /** A resource of that name exists and does not carry this project's tags. */
  foreignResource: { type: 'ForeignResource', policy: 'park' },
  /** A check of severity error found offending rows. */
  checkFailed: { type: 'CheckFailed', policy: 'park' },
  /** An update that answers nothing: unknown step, step not parked, wrong argument. The run goes on waiting. */
  invalidDecision: { type: 'InvalidDecision', policy: 'end' },
  /** A person answered with abort. */
  aborted: { type: 'RunAborted', policy: 'end' },
  /** Nobody answered within decisionTimeout. */
  decisionExpired: { type: 'DecisionExpired', policy: 'end' },
  /** A failed step ended the run because the input says onFailure: "fail". */
  stepFailed: { type: 'StepFailed', policy: 'end' },
  /** A notification could not be sent now: no answer, a busy server, a command that failed. The run does not mind. */
  notificationInterrupted: { type: 'NotificationInterrupted', policy: 'retry' },
  /** A notification was refused, and would be again: a wrong address, a missing command. The run does not mind. */
  notificationRefused: { type: 'NotificationRefused', policy: 'end' },
  /** A fault in Starshift's own workflow code; the run ends instead of hanging, and its stack trace is in the failure. */
  internal: { type: 'InternalError', policy: 'end' },
} as const;

export type FailureKind = keyof typeof FAILURES;
export type FailureType = (typeof FAILURES)[FailureKind]['type'];

/** How many attempts a failure of this type may have; undefined when its own policy does not say. */
export function attemptsFor(type: string): number | undefined {
  const limits = Object.values(FAILURES)
    .filter((failure) => failure.type === type)
    .map(({ policy }): FailurePolicy => POLICIES[policy])
    .flatMap(({ attempts }) => attempts ?? []);
  return limits.length === 0 ? undefined : Math.max(...limits);
}
