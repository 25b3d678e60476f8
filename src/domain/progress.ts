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
  /** S3 URLs of all files that the error is about, at most 20: those with rejected rows, that have changed, or that were not found. */
  readonly files?: readonly string[];
  /** How many files the error is about in all; `files` may name fewer. */
  readonly fileCount?: number;
  /** How many rows COPY had rejected when it gave up. */
  readonly rejectedRows?: number;
  /** Of a retry whose `exclude` or `reload` was not found: what had failed before it, and still stands. */
  readonly before?: FailedBefore;
}

/** An earlier failure of a step, and what retries had asked of it until then. */
export interface FailedBefore {
  readonly error: StepError;
  readonly asked?: AskedOfStep;
}

/** One way to answer a parked step; the commands are for a POSIX shell, as they are. */
export interface StepAnswer {
  /** One line in lower case: `accept up to 10 rejected rows`. */
  readonly does: string;
  readonly starshift: string;
  /** The same through the Temporal CLI. */
  readonly temporal: string;
}

/** How a try differs from the first one; see RetryStep in decisions.ts. */
export interface AskedOfStep {
  readonly maxErrors?: number;
  readonly exclude?: readonly string[];
  readonly reload?: readonly string[];
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
  /** Of a parked step: when the run ends if nobody has answered. ISO 8601, UTC. */
  readonly decideBy?: string;
  /** Of a parked step: what can be answered. */
  readonly answers?: readonly StepAnswer[];
  /** What retries have asked of the step so far; absent when nothing. */
  readonly asked?: AskedOfStep;
  /** Event of the run's history before the last try: `temporal workflow reset --event-id` to it runs the step anew. */
  readonly resetTo?: number;
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
  /** What went wrong beside the steps and does not stop the run, such as a notification that could not be sent. */
  readonly notices?: readonly string[];
}

/** A step that a completed run did without. */
export interface SkippedStep {
  readonly step: string;
  /** Who skipped it, or which skipped step it needs. */
  readonly reason: string;
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
  /** With status completedWithSkips only. */
  readonly skipped?: readonly SkippedStep[];
  readonly durationMs: number;
}
