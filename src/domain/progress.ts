import type { CheckResult } from './facts.js';

export type StepState = 'waiting' | 'running' | 'parked' | 'done' | 'skipped' | 'failed' | 'cancelled';

export type StepKind = 'provision' | 'claim' | 'create' | 'stage' | 'transform' | 'check' | 'count' | 'teardown';

/** `completedWithSkips`: it ended well, but a step was skipped, so something that the run was to do is not done. */
export type RunStatus = 'running' | 'parked' | 'completed' | 'completedWithSkips' | 'failed' | 'cancelled' | 'aborted';

/** The one text of a step's error: the same in the Web UI, the progress query, `starshift status` and the failure itself. */
export interface StepError {
  /** Failure type, for example `CopyRejectedRows`; see failure.ts. */
  readonly type: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** S3 URL of the file that a COPY could not take, where it is known. */
  readonly file?: string;
}

export interface StepProgress {
  readonly id: string;
  readonly kind: StepKind;
  /** For example `COPY staging_events <- s3://bucket/log_data/ (30 files)`. */
  readonly title: string;
  readonly state: StepState;
  readonly needs: readonly string[];
  /** How often the step was started: 1, and one more for each retryStep. */
  readonly tries: number;
  readonly rows?: number;
  readonly files?: number;
  readonly sizeBytes?: number;
  readonly rejectedRows?: number;
  readonly updatedRows?: number;
  readonly deletedRows?: number;
  readonly quarantinedFiles?: number;
  /** ISO 8601, UTC. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly durationMs?: number;
  readonly error?: StepError;
  /** Why a step was skipped or what it found: one line. */
  readonly note?: string;
}

/** Answer of the `progress` query. */
export interface RunProgress {
  readonly workflow: string;
  readonly workflowId: string;
  /** Absent where the workflow knows no warehouse folder: provisionWarehouse, teardownWarehouse. */
  readonly warehouse?: string;
  readonly design?: string;
  /** Cluster identifier, or host of an existing endpoint. */
  readonly cluster: string;
  readonly status: RunStatus;
  readonly steps: readonly StepProgress[];
  readonly startedAt: string;
  /** Why the run ended other than completed, and what of the cluster it left; the text of the run's failure. */
  readonly outcome?: string;
}

/**
 * Result of every workflow; parts that a workflow has nothing to say about are empty. (The Temporal CLI prints an empty list as `null`
 * unless asked for `--no-json-shorthand-payloads`; the history has `[]`.)
 */
export interface RunResult {
  readonly status: 'completed' | 'completedWithSkips';
  readonly workflow: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Absent where the workflow knows no warehouse folder: provisionWarehouse, teardownWarehouse. */
  readonly warehouse?: string;
  readonly design?: string;
  readonly cluster: string;
  /** Rows a table at the end of the run. */
  readonly tables: Readonly<Record<string, number>>;
  /** In the order in which the warehouse declares them. */
  readonly checks: readonly CheckResult[];
  readonly steps: readonly StepProgress[];
  readonly rejectedRows: number;
  /** Files that were left out and lie in quarantine; rows that were rejected lie there too. */
  readonly quarantinedFiles?: number;
  readonly durationMs: number;
}
