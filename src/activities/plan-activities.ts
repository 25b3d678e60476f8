import type { Adapters } from '../adapters/adapters.js';
import type { PlanActivities } from './activities.js';
import { runAttempt } from './attempt.js';

/** Activities that read the warehouse folder. */
export function createPlanActivities({ warehouses }: Adapters): PlanActivities {
  return {
    planWarehouse: ({ warehouse, schema, design, source }) =>
      runAttempt(async () => {
        const folder = await warehouses.load(warehouse);
        return folder.plan({
          schema,
          ...(design === undefined ? {} : { design }),
          ...(source === undefined ? {} : { source: { url: source.url } }),
        });
      }),
  };
}
