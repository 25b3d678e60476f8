import type { PlanWarehouseRequest } from '../activities/activities.js';
import { FAILURES } from '../domain/failure.js';
import { findOrderErrors } from '../domain/load-order.js';
import type { WarehousePlan } from '../domain/plan.js';
import { terminalFailure } from './failure-text.js';
import { activity } from './policies.js';

/**
 * Reads the warehouse folder on the worker. An unknown warehouse or design, or a folder with errors, ends the run before anything
 * is created: it is not a step that waits for an answer.
 */
export async function planWarehouse(request: PlanWarehouseRequest): Promise<WarehousePlan> {
  const plan = await activity('planWarehouse', `PLAN ${request.warehouse}`)(request);
  // Without a source there are no stage steps, and nothing is loaded.
  const errors = request.source === undefined ? [] : findOrderErrors(plan);
  if (errors.length === 0) return plan;
  const message = `The load steps of warehouse ${request.warehouse} cannot be ordered: ${errors.join('; ')}. Mend "needs" in its warehouse.yaml.`;
  throw terminalFailure(FAILURES.invalidWarehouse.type, message);
}
