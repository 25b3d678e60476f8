import type { RunResult } from '../domain/progress.js';
import { enter } from './entry-point.js';
import { Run } from './run.js';
import { teardownSteps } from './tearing-down.js';

/** Deletes a cluster, its security group and its load role, as far as they carry this project's tag. Harmless when run twice. */
export async function teardownWarehouse(value: unknown): Promise<RunResult> {
  return enter('teardownWarehouse', value, async (input) => {
    const run = new Run(input);
    const steps = Object.values(teardownSteps({ identifier: input.cluster, finalSnapshot: input.finalSnapshot }));
    run.declare(...steps);
    return run.carryOut(() => run.execute(steps));
  });
}
