/** Names that people type into the Temporal CLI and see in the Web UI. They are a public contract: add, never rename. */

export const TASK_QUEUE = 'starshift';

export const WORKFLOWS = [
  'buildWarehouse',
  'provisionWarehouse',
  'createTables',
  'loadWarehouse',
  'checkWarehouse',
  'teardownWarehouse',
] as const;
export type WorkflowName = (typeof WORKFLOWS)[number];

/** Query without arguments; answers RunProgress. */
export const PROGRESS_QUERY = 'progress';

/** Updates that answer a parked step; arguments RetryStep, SkipStep and Abort of `decisions.ts`. */
export const RETRY_STEP_UPDATE = 'retryStep';
export const SKIP_STEP_UPDATE = 'skipStep';
export const ABORT_UPDATE = 'abort';

/** Search attributes, all of type Keyword, registered by the worker at its start. */
export const SEARCH_ATTRIBUTES = {
  warehouse: 'StarshiftWarehouse',
  cluster: 'StarshiftCluster',
  status: 'StarshiftStatus',
} as const;

/**
 * Patch that records in a run's history whether its search attributes are registered: an unregistered one would hang the
 * workflow task, and a replay must decide as the run did. The worker's patchActivationCallback answers it.
 */
export const SEARCH_ATTRIBUTES_PATCH = 'starshift-search-attributes';

/** Tag that marks every AWS resource this project created; teardown deletes nothing without it. Its value is the cluster identifier. */
export const OWNER_TAG = 'starshift:cluster';
