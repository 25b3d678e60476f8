import type { RunResult } from '../domain/progress.js';
import { targetName } from '../domain/step-titles.js';
import { Claiming } from './claiming.js';
import { enter } from './entry-point.js';
import { countSteps, loadSteps } from './loading.js';
import { planWarehouse } from './planning.js';
import { Run } from './run.js';

/** Stages the source with COPY, inserts the star schema, and counts what the tables hold. */
export async function loadWarehouse(value: unknown): Promise<RunResult> {
  return enter('loadWarehouse', value, async (input) => {
    const { target, warehouse, schema, source } = input;
    const scope = { target, warehouse, schema };
    const run = new Run({ ...input, cluster: targetName(target) });
    return run.carryOut(async () => {
      const plan = await planWarehouse({ warehouse, schema, source });
      const claiming = new Claiming({ scope, whenBusy: input.whenBusy });
      const load = loadSteps(plan.load, { ...input, scope: claiming.scope });
      const count = countSteps(run, scope);
      run.endWith(() => claiming.release(run));
      const phases = [claiming.steps, claiming.keptBy(load), claiming.keptBy(count)];
      run.declare(...phases.flat());
      for (const steps of phases) await run.execute(steps);
    });
  });
}
