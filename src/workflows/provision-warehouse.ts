import type { RunResult } from '../domain/progress.js';
import { enter } from './entry-point.js';
import { Provisioning } from './provisioning.js';
import { Run } from './run.js';

/**
 * Creates a cluster with its load role and security group, or adopts it where it carries this project's tag. A run that does not
 * complete deletes again what it created, and nothing else.
 */
export async function provisionWarehouse(value: unknown): Promise<RunResult> {
  return enter('provisionWarehouse', value, async (input) => {
    const run = new Run({ ...input, cluster: input.cluster.identifier });
    const provisioning = new Provisioning(input.cluster, input.source);
    run.declare(...provisioning.steps);
    run.compensateWith(() => provisioning.rollBack(run));
    return run.carryOut(() => run.execute(provisioning.steps));
  });
}
