import { STEP_IDS } from '../domain/step-titles.js';
import { activity } from './policies.js';
import type { Step } from './step.js';

export interface TeardownOptions {
  readonly identifier: string;
  readonly finalSnapshot?: string | undefined;
  /** Put before the step ids where the run has other steps of these names. */
  readonly prefix?: string;
}

/** In the order in which they must run. */
export interface TeardownSteps {
  readonly cluster: Step;
  readonly securityGroup: Step;
  readonly role: Step;
}

/**
 * The steps that delete a cluster and what belongs to it. The security group goes after the cluster, which uses it, and the role last.
 * Each deletes only what carries this project's tag, and is content with what is gone already.
 */
export function teardownSteps({ identifier, finalSnapshot, prefix = '' }: TeardownOptions): TeardownSteps {
  const id = (step: string) => `${prefix}${step}`;
  const snapshot = finalSnapshot === undefined ? '' : ` (final snapshot ${finalSnapshot})`;
  const deleteCluster = `DELETE CLUSTER ${identifier}${snapshot}`;
  const deleteGroup = `DELETE SECURITY GROUP of ${identifier}`;
  const deleteRole = `DELETE ROLE of ${identifier}`;
  return {
    cluster: {
      id: id(STEP_IDS.deleteCluster),
      kind: 'teardown',
      title: deleteCluster,
      needs: [],
      work: async () => {
        const request = { identifier, ...(finalSnapshot === undefined ? {} : { finalSnapshot }) };
        const { deleted } = await activity('deleteCluster', deleteCluster)(request);
        await activity('waitForClusterDeleted', `WAIT UNTIL ${identifier} IS GONE`)({ identifier });
        return outcome(deleted);
      },
    },
    securityGroup: {
      id: id(STEP_IDS.deleteSecurityGroup),
      kind: 'teardown',
      title: deleteGroup,
      needs: [id(STEP_IDS.deleteCluster)],
      work: async () => outcome((await activity('deleteSecurityGroup', deleteGroup)({ identifier })).deleted),
    },
    role: {
      id: id(STEP_IDS.deleteLoadRole),
      kind: 'teardown',
      title: deleteRole,
      needs: [id(STEP_IDS.deleteCluster), id(STEP_IDS.deleteSecurityGroup)],
      work: async () => outcome((await activity('deleteLoadRole', deleteRole)({ identifier })).deleted),
    },
  };
}

function outcome(deleted: boolean): { readonly note: string } {
  return { note: deleted ? 'deleted' : 'was not there' };
}
