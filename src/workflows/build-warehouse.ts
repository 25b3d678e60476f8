import { workflowInfo } from '@temporalio/workflow';
import type { WarehouseScope } from '../activities/activities.js';
import type { BuildWarehouseInput, ClusterSpec, Target } from '../domain/input.js';
import type { RunResult } from '../domain/progress.js';
import { targetName } from '../domain/step-titles.js';
import { checkSteps } from './checking.js';
import { Claiming } from './claiming.js';
import { createSteps } from './creating.js';
import { enter } from './entry-point.js';
import { countSteps, loadSteps } from './loading.js';
import { planWarehouse } from './planning.js';
import { Provisioning } from './provisioning.js';
import { type EndedBy, Run } from './run.js';
import type { Step } from './step.js';
import { teardownSteps } from './tearing-down.js';

/**
 * The whole job in one history: plan, provision (if the input names a cluster), create, load, check, count, and tear down if asked.
 *
 * When the run does not complete:
 * - provisioning had not completed: what this run created is deleted again;
 * - the cluster was available and teardown was asked: it is torn down, unless another run works on it or the run was cancelled.
 *   Whoever cancels wants the run to stop within seconds and may want to look; a teardown takes minutes and deletes data. The cluster then stays;
 * - otherwise the cluster stays. Whenever it stays, the run's details and its failure say so, with the command that deletes it.
 */
export async function buildWarehouse(value: unknown): Promise<RunResult> {
  return enter('buildWarehouse', value, async (input) => {
    const target = targetOf(input);
    const run = new Run({ ...input, cluster: targetName(target) });
    return run.carryOut(() => build(run, input, target));
  });
}

async function build(run: Run, input: BuildWarehouseInput, target: Target): Promise<void> {
  const { warehouse, schema, source, design } = input;
  const plan = await planWarehouse({ warehouse, schema, source, ...(design === undefined ? {} : { design }) });
  run.design = plan.design;
  const scope: WarehouseScope = { target, warehouse, schema };
  const claiming = new Claiming({ scope, whenBusy: input.whenBusy });
  // A teardown takes the claim away with the cluster.
  if (input.teardown === undefined) run.endWith(() => claiming.release(run));
  const phases: (readonly Step[])[] = [
    claiming.steps,
    claiming.keptBy(createSteps({ scope: claiming.scope, design: plan.design, recreate: input.recreate })),
    claiming.keptBy(loadSteps(plan.load, { ...input, scope: claiming.scope })),
    claiming.keptBy(checkSteps(run, plan.checks, scope)),
    claiming.keptBy(countSteps(run, scope)),
  ];
  if (input.cluster !== undefined) surroundWithCluster({ run, phases, input, claiming, cluster: input.cluster });
  run.declare(...phases.flat());
  for (const steps of phases) await run.execute(steps);
}

interface ClusterPhases {
  readonly run: Run;
  /** Provisioning is put before them, teardown after them. */
  readonly phases: (readonly Step[])[];
  readonly input: BuildWarehouseInput;
  readonly claiming: Claiming;
  readonly cluster: ClusterSpec;
}

function surroundWithCluster({ run, phases, input, claiming, cluster }: ClusterPhases): void {
  const { identifier } = cluster;
  const provisioning = new Provisioning(cluster, input.source);
  phases.unshift(provisioning.steps);
  const teardown = input.teardown === undefined ? [] : Object.values(teardownSteps({ identifier, ...input.teardown }));
  if (teardown.length > 0) phases.push(teardown);
  run.compensateWith(async (endedBy: EndedBy) => {
    if (!provisioning.complete) return provisioning.rollBack(run);
    // Another run works on the cluster: it is not for this one to delete.
    const inUse = claiming.holder !== undefined;
    if (teardown.length === 0 || endedBy === 'cancelled' || inUse) return staysText(identifier);
    const errors = await run.cleanUp(teardown);
    if (errors.length === 0) return `Cluster ${identifier} is torn down, as the input asked.`;
    return `Tearing down cluster ${identifier} failed: ${errors.join(' ')} ${staysText(identifier)}`;
  });
}

/** A cluster that this run provisions is reached through the secret that Redshift manages, or through the variable the input names. */
function targetOf({ cluster, target }: BuildWarehouseInput): Target {
  if (target !== undefined) return target;
  if (cluster === undefined) throw new Error('The input has neither a cluster nor a target');
  const { identifier, adminPassword } = cluster;
  return 'env' in adminPassword ? { cluster: identifier, password: adminPassword } : { cluster: identifier };
}

function staysText(identifier: string): string {
  const { taskQueue } = workflowInfo();
  return `Cluster ${identifier} stays and is billed; delete it with: temporal workflow start --task-queue ${taskQueue} --type teardownWarehouse --input '{"cluster":"${identifier}"}'`;
}
