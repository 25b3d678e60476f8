/** Facts that activities return: counts and at most 20 samples, never row sets or secrets (history keeps them for ever). */

export interface SourceListing {
  /** `s3://` URL of the COPY manifest that pins the listed objects. */
  readonly manifestUrl: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** Of an incremental load only. */
  readonly difference?: ListingDifference;
}

/** What an incremental listing found beside the files to load. */
export interface ListingDifference {
  /** Number of the table's last load that the ledger knew when the source was listed. */
  readonly asOf: number;
  /** Files that are loaded already and have not changed. */
  readonly known: number;
  /** Files that are loaded anew because they have changed or were asked for. */
  readonly reloaded: number;
  /** Files that stay in quarantine. */
  readonly quarantined: number;
  /** Numbers of the loads whose rows the new ones replace. */
  readonly replaces: readonly number[];
}

/** One row that COPY rejected, as the load-error views report it. */
export interface RejectedRow {
  /** S3 URL of the file. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column?: string;
  readonly value?: string;
  readonly reason: string;
}

export interface CopyFacts {
  readonly rows: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly rejectedRows: number;
  /** At most 20. */
  readonly rejects: readonly RejectedRow[];
  /** Files that this load put into quarantine. */
  readonly quarantinedFiles?: number;
  /** Rejected rows that are not in quarantine, because the cluster's load views did not show them. */
  readonly notInQuarantine?: number;
  /** Rows that went away with the loads that were replaced. */
  readonly deletedRows?: number;
  /** True when the ledger says that an earlier attempt had already committed this step. */
  readonly alreadyDone: boolean;
}

export interface TransformFacts {
  /** Rows written: inserted and updated. */
  readonly rows: number;
  /** Of an incremental load. */
  readonly updatedRows?: number;
  readonly deletedRows?: number;
  readonly alreadyDone: boolean;
}

/** A run that works on the same tables. */
export interface RunningRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly namespace: string;
  /** UUID that the server gave the namespace; absent where the worker may not ask for it. Every dev server has a namespace `default`. */
  readonly namespaceId?: string;
  /** When it claimed the tables. ISO 8601, UTC. */
  readonly claimedAt?: string;
}

/** Whether the tables are this run's to work on. */
export interface ClaimOutcome {
  /** Absent: this run has them now. */
  readonly holder?: RunningRun;
  /** Id of the run that has claimed them with this answer. */
  readonly claimedBy?: string;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly severity: 'error' | 'warning';
  readonly passed: boolean;
  /** Offending rows; 0 when passed. */
  readonly offending: number;
  /** At most 20 offending rows, each as `column=value, ...`. */
  readonly sample: readonly string[];
}

export interface CreatedTables {
  readonly created: readonly string[];
  readonly existing: readonly string[];
  readonly dropped: readonly string[];
}

/** What the provisioning found or made; holds references to secrets, never secrets. */
export interface ClusterFacts {
  readonly identifier: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly adminUser: string;
  /** Secrets Manager ARN of the admin password when Redshift manages it. */
  readonly secretArn?: string;
  readonly nodeType: string;
  readonly nodes: number;
  readonly iamRoleArns: readonly string[];
}

/** A resource that provisioning made sure of; `created` is what a rollback may delete. */
export interface EnsuredResource {
  /** ARN, group id or identifier. */
  readonly id: string;
  readonly created: boolean;
}
