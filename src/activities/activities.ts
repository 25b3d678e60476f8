import type {
  CheckResult,
  ClaimOutcome,
  ClusterFacts,
  CopyFacts,
  CreatedTables,
  EnsuredResource,
  RunningRun,
  SourceListing,
  TransformFacts,
} from '../domain/facts.js';
import type { ClusterSpec, LoadMode, OnChanged, Source, Target } from '../domain/input.js';
import type { Notification } from '../domain/notification.js';
import type { WarehousePlan } from '../domain/plan.js';

/** Where a statement runs and under which names: the same for every activity that talks to the warehouse. */
export interface WarehouseScope {
  readonly target: Target;
  readonly warehouse: string;
  readonly schema: string;
  /**
   * Run that claimed the tables, as the workflow's history says; a reset begins some activities again in a new run. Absent where nothing
   * was claimed: before that, after a person's skip, and in runs begun by older workers. What writes then is not fenced.
   */
  readonly claimedBy?: string | undefined;
}

export interface PlanWarehouseRequest {
  readonly warehouse: string;
  readonly schema: string;
  readonly design?: string;
  /** Absent where nothing is loaded; stage steps are then left out of the plan. */
  readonly source?: Source;
}

export interface CreateTablesRequest extends WarehouseScope {
  readonly design: string;
  readonly recreate: boolean;
}

export interface ListSourceRequest {
  readonly warehouse: string;
  readonly source: Source;
  /** Name of the source in warehouse.yaml. */
  readonly sourceName: string;
  readonly step: string;
  /** Keys or S3 URLs to leave out. */
  readonly exclude: readonly string[];
  /** Of an incremental load: whose ledger to ask. Absent: everything under the prefix is loaded. */
  readonly incremental?: WarehouseScope & {
    readonly table: string;
    readonly onChanged: OnChanged;
    /** Keys or S3 URLs to load anew whatever the ledger says of them. */
    readonly reload: readonly string[];
  };
}

export interface CopyBatchRequest extends WarehouseScope {
  readonly source: Source;
  readonly sourceName: string;
  readonly table: string;
  readonly step: string;
  readonly listing: SourceListing;
  readonly maxErrors: number;
  /** @default full */
  readonly mode?: LoadMode;
  /** Files that a person left out, and why: they go into quarantine. */
  readonly excluded?: readonly ExcludedFile[];
}

export interface ExcludedFile {
  /** Key or S3 URL, as the person wrote it. */
  readonly file: string;
  /** Error of the try after which it was left out. */
  readonly reason: string;
}

export interface TransformTableRequest extends WarehouseScope {
  readonly step: string;
  readonly table: string;
  /** Tables the step reads: where this run has filled them, they must still hold its rows. Absent in runs begun by older workers. */
  readonly reads?: readonly string[];
  /** @default full */
  readonly mode?: LoadMode;
}

export interface RunCheckRequest extends WarehouseScope {
  readonly check: string;
}

/** Reading the warehouse folder: no network but the file system of the worker. */
export interface PlanActivities {
  planWarehouse(request: PlanWarehouseRequest): Promise<WarehousePlan>;
}

/** Keeps runs on the same tables apart. */
export interface ClaimActivities {
  /** Claims the warehouse's tables in the scope's schema for this run, unless a run that is still running has them. */
  claimTables(scope: WarehouseScope): Promise<ClaimOutcome>;
  /** Heartbeats until that run has ended. */
  waitForRun(run: RunningRun): Promise<void>;
  /** Gives back what the run `claimedBy` of this workflow has claimed, if it still has it. */
  releaseTables(request: WarehouseScope & { readonly claimedBy: string }): Promise<void>;
}

/** Work inside the warehouse and its source. All of it idempotent by workflow, run and step: see the ledger. */
export interface LoadActivities {
  createTables(request: CreateTablesRequest): Promise<CreatedTables>;
  listSource(request: ListSourceRequest): Promise<SourceListing>;
  copyBatch(request: CopyBatchRequest): Promise<CopyFacts>;
  transformTable(request: TransformTableRequest): Promise<TransformFacts>;
  runCheck(request: RunCheckRequest): Promise<CheckResult>;
  countRows(request: WarehouseScope): Promise<Readonly<Record<string, number>>>;
}

/** Which cluster's resource is to be deleted. */
export interface DeleteRequest {
  readonly identifier: string;
  /** Delete only what the tag `starshift:run` says this very run created; anything else is foreign. */
  readonly onlyIfCreatedBy?: true;
}

/** What a delete did. Neither deleted nor foreign: it was not there. */
export interface DeleteOutcome {
  readonly deleted: boolean;
  /** A resource of that name exists and is not ours (with `onlyIfCreatedBy`: not this run's); it was left alone. */
  readonly foreign?: boolean;
}

/** Work on the cluster around the warehouse. `ensure` adopts what carries this cluster's tag; `delete` of what is gone is success. */
export interface ClusterActivities {
  ensureLoadRole(request: { readonly cluster: ClusterSpec; readonly source: Source }): Promise<EnsuredResource>;
  ensureSecurityGroup(request: { readonly cluster: ClusterSpec }): Promise<EnsuredResource>;
  ensureCluster(request: {
    readonly cluster: ClusterSpec;
    readonly roleArn: string;
    readonly securityGroupId: string;
  }): Promise<EnsuredResource>;
  /** Heartbeats while the cluster settles; resumes a paused one. */
  waitForClusterAvailable(request: { readonly identifier: string }): Promise<ClusterFacts>;
  deleteCluster(request: DeleteRequest & { readonly finalSnapshot?: string }): Promise<DeleteOutcome>;
  waitForClusterDeleted(request: { readonly identifier: string }): Promise<void>;
  deleteSecurityGroup(request: DeleteRequest): Promise<DeleteOutcome>;
  deleteLoadRole(request: DeleteRequest): Promise<DeleteOutcome>;
}

/** Where a notification went. */
export interface NotifyOutcome {
  /** Empty where the worker's settings name neither a command nor a webhook. */
  readonly sent: readonly ('command' | 'webhook')[];
}

/** Telling people who do not look at the run. */
export interface NotifyActivities {
  /** Hands the document to the command and the webhook of the worker's settings; what has it already is not told twice by a retry. */
  notify(notification: Notification): Promise<NotifyOutcome>;
}

/** Everything a worker offers; workflows import this as a type only. */
export interface Activities
  extends PlanActivities,
    ClaimActivities,
    LoadActivities,
    ClusterActivities,
    NotifyActivities {}
