import type { RunResult } from '../domain/progress.js';
import { targetName } from '../domain/step-titles.js';
import { Claiming } from './claiming.js';
import { createSteps } from './creating.js';
import { enter } from './entry-point.js';
import { planWarehouse } from './planning.js';
import { Run } from './run.js';

/** Creates a warehouse's tables in one of its designs, dropping them first if asked. */
export async function createTables(value: unknown): Promise<RunResult> {
  return enter('createTables', value, async (input) => {
    const { target, warehouse, schema, design, recreate } = input;
    const run = new Run({ ...input, cluster: targetName(target) });
    return run.carryOut(async () => {
      const plan = await planWarehouse({ warehouse, schema, ...(design === undefined ? {} : { design }) });
      run.design = plan.design;
      const scope = { target, warehouse, schema };
      const claiming = new Claiming({ scope, whenBusy: input.whenBusy });
      run.endWith(() => claiming.release(run));
      const create = createSteps({ scope: claiming.scope, design: plan.design, recreate });
      const phases = [claiming.steps, claiming.keptBy(create)];
      run.declare(...phases.flat());
      for (const steps of phases) await run.execute(steps);
    });
  });
}
