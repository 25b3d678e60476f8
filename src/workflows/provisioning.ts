import type { EnsuredResource } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { ClusterSpec, Source } from '../domain/input.js';
import { clusterTitle, STEP_IDS } from '../domain/step-titles.js';
import { describeStepFailure } from './failure-text.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step } from './step.js';
import { teardownSteps } from './tearing-down.js';

type Resource = 'role' | 'securityGroup' | 'cluster';

/** Role and security group side by side, then the cluster, then the wait for it; and the way back if that does not work out. */
export class Provisioning {
  readonly steps: readonly Step[];
  readonly #cluster: ClusterSpec;
  readonly #source: Source;
  /** What this run created, and nothing that it found: only this may a rollback delete. */
  readonly #created = new Set<Resource>();
  /** Steps that failed after they may have created something: nobody knows, so the rollback asks the tag of what it finds. */
  readonly #uncertain = new Set<Resource>();
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

  /** Deletes what this run created or may have created, cluster first; answers with a sentence on what is left. */
  async rollBack(run: Run): Promise<string> {
    const steps = this.#rollbackSteps();
    run.declare(...steps);
    const errors = await run.cleanUp(steps);
    if (errors.length > 0) {
      return `Rolling back what this run had created failed: ${errors.join(' ')} To delete it, run teardownWarehouse for cluster ${this.#cluster.identifier}.`;
    }
    if (this.#created.size > 0) return 'What this run had created is deleted again.';
    return this.#uncertain.size > 0 ? 'Nothing that this run may have created is left.' : '';
  }

  #roleStep(): Step {
    const title = `CREATE ROLE for COPY from ${this.#source.url}`;
    const work = async () => {
      const ensure = activity('ensureLoadRole', title);
      const role = await this.#ensure('role', () => ensure({ cluster: this.#cluster, source: this.#source }));
      this.#roleArn = role.id;
      return describe(role);
    };
    return { id: STEP_IDS.loadRole, kind: 'provision', title, needs: [], work };
  }

  #securityGroupStep(): Step {
    const { ingress } = this.#cluster;
    const title = `CREATE SECURITY GROUP (ingress from ${ingress.length === 0 ? 'nowhere' : ingress.join(', ')})`;
    const work = async () => {
      const ensure = activity('ensureSecurityGroup', title);
      const group = await this.#ensure('securityGroup', () => ensure({ cluster: this.#cluster }));
      this.#securityGroupId = group.id;
      return describe(group);
    };
    return { id: STEP_IDS.securityGroup, kind: 'provision', title, needs: [], work };
  }

  #clusterStep(): Step {
    const title = clusterTitle(this.#cluster);
    const work = async () => {
      const [roleArn, securityGroupId] = [this.#roleArn, this.#securityGroupId];
      if (roleArn === undefined || securityGroupId === undefined) {
        throw new Error('The cluster was reached before its role and security group');
      }
      const ensure = activity('ensureCluster', title);
      const request = { cluster: this.#cluster, roleArn, securityGroupId };
      return describe(await this.#ensure('cluster', () => ensure(request)));
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

  async #ensure(resource: Resource, ensure: () => Promise<EnsuredResource>): Promise<EnsuredResource> {
    try {
      const ensured = await ensure();
      this.#uncertain.delete(resource);
      if (ensured.created) this.#created.add(resource);
      return ensured;
    } catch (error) {
      if (describeStepFailure(error)?.type !== FAILURES.foreignResource.type) this.#uncertain.add(resource);
      throw error;
    }
  }

  #rollbackSteps(): readonly Step[] {
    const { identifier } = this.#cluster;
    const steps = teardownSteps({ identifier, prefix: 'rollback-', onlyIfCreatedBy: true });
    return (['cluster', 'securityGroup', 'role'] as const)
      .filter((kind) => this.#created.has(kind) || this.#uncertain.has(kind))
      .map((kind) => steps[kind]);
  }
}

function describe({ id, created }: EnsuredResource): { readonly note: string } {
  return { note: created ? `created ${id}` : `found ${id}` };
}
