import type { Adapters } from '../adapters/adapters.js';
import type { Activities } from './activities.js';
import { createClaimActivities } from './claim-activities.js';
import { createClusterActivities } from './cluster-activities.js';
import { createLoadActivities } from './load-activities.js';
import { createNotifyActivities } from './notify-activities.js';
import { createPlanActivities } from './plan-activities.js';

/** All activities of a worker, on these adapters. */
export function createActivities(adapters: Adapters): Activities {
  return {
    ...createPlanActivities(adapters),
    ...createClaimActivities(adapters),
    ...createLoadActivities(adapters),
    ...createClusterActivities(adapters),
    ...createNotifyActivities(adapters),
  };
}
