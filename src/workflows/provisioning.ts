import type { EnsuredResource } from '../domain/facts.js';
import type { ClusterSpec, Source } from '../domain/input.js';
import { clusterTitle, STEP_IDS } from '../domain/step-titles.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step } from './step.js';
import { teardownSteps } from './tearing-down.js';

/** Role and security group side by side, then the cluster, then the wait for it; and the way back if that does not work out. */
export class Provisioning {
  readonly steps: readonly Step[];
  readonly #cluster: ClusterSpec;
  readonly #source: Source;
  /** What this run created, and nothing that it found: only this may a rollback delete. */
  readonly #created = new Set<'role' | 'securityGroup' | 'cluster'>();
  #roleArn: string | undefined;
  #securityGroupId: string | undefined;
  #complete = false;

  constructor(cluster: ClusterSpec, source: Source) {
    this.#cluster = cluster;
    this.#source = source;
    this.#roleArn = cluster.iamRole;
    this.steps = [
      ...(cluster.iamRole === undefined ? [this.#roleStep()] : []),
      this.#securityGroupStep(),
      this.#clusterStep(),
      this.#availableStep(),
    ];
  }

  /** True once the cluster is available; a rollback has no business with it from then on. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Deletes what this run created, cluster first; answers with a sentence on what is left. */
  async rollBack(run: Run): Promise<string> {
    const steps = this.#rollbackSteps();
    if (steps.length === 0) return 'Nothing had been created.';
    run.declare(...steps);
    const errors = await run.cleanUp(steps);
    if (errors.length === 0) return 'What this run had created is deleted again.';
    return `Rolling back what this run had created failed: ${errors.join(' ')} Run teardownWarehouse for cluster ${this.#cluster.identifier}.`;
  }

  #roleStep(): Step {
    const title = `CREATE ROLE for COPY from ${this.#source.url}`;
    const work = async () => {
      const role = await activity('ensureLoadRole', title)({ cluster: this.#cluster, source: this.#source });
      this.#roleArn = role.id;
      return this.#note('role', role);
    };
    return { id: STEP_IDS.loadRole, kind: 'provision', title, needs: [], work };
  }

  #securityGroupStep(): Step {
    const { ingress } = this.#cluster;
    const title = `CREATE SECURITY GROUP (ingress from ${ingress.length === 0 ? 'nowhere' : ingress.join(', ')})`;
    const work = async () => {
      const group = await activity('ensureSecurityGroup', title)({ cluster: this.#cluster });
      this.#securityGroupId = group.id;
      return this.#note('securityGroup', group);
    };
    return { id: STEP_IDS.securityGroup, kind: 'provision', title, needs: [], work };
  }

  #clusterStep(): Step {
    const title = clusterTitle(this.#cluster);
    const work = async () => {
      if (this.#roleArn === undefined || this.#securityGroupId === undefined) {
        throw new Error('The cluster was reached before its role and security group');
      }
      const ensure = activity('ensureCluster', title);
      const cluster = await ensure({
        cluster: this.#cluster,
        roleArn: this.#roleArn,
        securityGroupId: this.#securityGroupId,
      });
      return this.#note('cluster', cluster);
    };
    const role = this.#cluster.iamRole === undefined ? [STEP_IDS.loadRole] : [];
    return { id: STEP_IDS.cluster, kind: 'provision', title, needs: [...role, STEP_IDS.securityGroup], work };
  }

  #availableStep(): Step {
    const { identifier } = this.#cluster;
    const title = `WAIT UNTIL ${identifier} IS AVAILABLE`;
    const work = async () => {
      const facts = await activity('waitForClusterAvailable', title)({ identifier });
      this.#complete = true;
      return { note: `${facts.host}:${facts.port}` };
    };
    return { id: STEP_IDS.clusterAvailable, kind: 'provision', title, needs: [STEP_IDS.cluster], work };
  }

  #note(kind: 'role' | 'securityGroup' | 'cluster', resource: EnsuredResource): { readonly note: string } {
    if (resource.created) this.#created.add(kind);
    return { note: resource.created ? `created ${resource.id}` : `found ${resource.id}` };
  }

  #rollbackSteps(): readonly Step[] {
    const { identifier } = this.#cluster;
    const steps = teardownSteps({ identifier, prefix: 'rollback-' });
    return (['cluster', 'securityGroup', 'role'] as const)
      .filter((kind) => this.#created.has(kind))
      .map((kind) => steps[kind]);
  }
}
