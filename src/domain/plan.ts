/** What a run will do, in terms that are safe to keep in a workflow's history: names, URLs and counts, never SQL text or file lists. */

export type TableRole = 'staging' | 'fact' | 'dimension';

export interface TablePlan {
  readonly name: string;
  readonly role: TableRole;
}

/** COPY from one source into one staging table. */
export interface StagePlan {
  readonly kind: 'stage';
  /** Unique in the load; by convention the table's name. */
  readonly id: string;
  readonly table: string;
  /** Name of the source in warehouse.yaml. */
  readonly source: string;
  /** `s3://bucket/prefix` that is listed. */
  readonly url: string;
  readonly needs: readonly string[];
}

/** INSERT ... SELECT from staging (or other star tables) into one star table. */
export interface TransformPlan {
  readonly kind: 'transform';
  readonly id: string;
  readonly table: string;
  /** Tables the statement reads, for the step's summary. */
  readonly reads: readonly string[];
  readonly needs: readonly string[];
}

export type LoadStepPlan = StagePlan | TransformPlan;

export interface CheckPlan {
  readonly id: string;
  readonly title: string;
  /** A failed check of severity `warning` is reported and does not stop the run. */
  readonly severity: 'error' | 'warning';
}

export interface WarehousePlan {
  readonly warehouse: string;
  readonly design: string;
  /** Database schema the tables live in. */
  readonly schema: string;
  /** Hash of the warehouse folder's content, first 12 hex digits. */
  readonly revision: string;
  readonly tables: readonly TablePlan[];
  /** In a topological order. */
  readonly load: readonly LoadStepPlan[];
  readonly checks: readonly CheckPlan[];
}
