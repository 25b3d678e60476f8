import type { WarehousePlan } from './plan.js';

/**
 * What keeps a plan from being run as it stands, a sentence each: step ids used twice, and needs that name no earlier step.
 * The warehouse loader has already reported cycles with their files; this guards the runner, which trusts the order.
 */
export function findOrderErrors(plan: Pick<WarehousePlan, 'load'>): readonly string[] {
  const known = new Set<string>();
  const errors: string[] = [];
  for (const step of plan.load) {
    if (known.has(step.id)) errors.push(`${step.id} is defined twice`);
    for (const need of step.needs) {
      if (!known.has(need)) errors.push(`${step.id} needs ${need}, which is not an earlier step`);
    }
    known.add(step.id);
  }
  return errors;
}
