import type { RunResult } from '../domain/progress.js';
import { targetName } from '../domain/step-titles.js';
import { checkSteps } from './checking.js';
import { Claiming } from './claiming.js';
import { enter } from './entry-point.js';
import { planWarehouse } from './planning.js';
import { Run } from './run.js';

/** Runs a warehouse's checks side by side. */
export async function checkWarehouse(value: unknown): Promise<RunResult> {
  return enter('checkWarehouse', value, async (input) => {
    const { target, warehouse, schema } = input;
    const run = new Run({ ...input, cluster: targetName(target) });
    return run.carryOut(async () => {
      const plan = await planWarehouse({ warehouse, schema });
      const scope = { target, warehouse, schema };
      const claiming = new Claiming({ scope, whenBusy: input.whenBusy });
      run.endWith(() => claiming.release(run));
      const phases = [claiming.steps, claiming.keptBy(checkSteps(run, plan.checks, scope))];
      run.declare(...phases.flat());
      for (const steps of phases) await run.execute(steps);
    });
  });
}
