import type { DeleteOutcome, DeleteRequest } from '../activities/activities.js';
import { STEP_IDS } from '../domain/step-titles.js';
import { activity } from './policies.js';
import type { Step } from './step.js';

export interface TeardownOptions {
  readonly identifier: string;
  readonly finalSnapshot?: string | undefined;
  /** Put before the step ids where the run has other steps of these names. */
  readonly prefix?: string;
  /** Only what this very run created, as its tag says. @default whatever carries the cluster's tag */
  readonly onlyIfCreatedBy?: true;
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
export function teardownSteps(options: TeardownOptions): TeardownSteps {
  const { identifier, finalSnapshot, prefix = '', onlyIfCreatedBy } = options;
  const request: DeleteRequest = { identifier, ...(onlyIfCreatedBy === undefined ? {} : { onlyIfCreatedBy }) };
  const outcome = (deleted: DeleteOutcome) => ({ note: describe(deleted, options) });
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
        const deletion = { ...request, ...(finalSnapshot === undefined ? {} : { finalSnapshot }) };
        const deleted = await activity('deleteCluster', deleteCluster)(deletion);
        // Somebody else's cluster stays, perhaps for ever.
        if (deleted.foreign) return outcome(deleted);
        await activity('waitForClusterDeleted', `WAIT UNTIL ${identifier} IS GONE`)({ identifier });
        return outcome(deleted);
      },
    },
    securityGroup: {
      id: id(STEP_IDS.deleteSecurityGroup),
      kind: 'teardown',
      title: deleteGroup,
      needs: [id(STEP_IDS.deleteCluster)],
      work: async () => outcome(await activity('deleteSecurityGroup', deleteGroup)(request)),
    },
    role: {
      id: id(STEP_IDS.deleteLoadRole),
      kind: 'teardown',
      title: deleteRole,
      needs: [id(STEP_IDS.deleteCluster), id(STEP_IDS.deleteSecurityGroup)],
      work: async () => outcome(await activity('deleteLoadRole', deleteRole)(request)),
    },
  };
}

function describe({ deleted, foreign }: DeleteOutcome, { onlyIfCreatedBy }: TeardownOptions): string {
  if (foreign) return `exists, ${onlyIfCreatedBy ? 'was not created by this run' : 'is not ours'}, left alone`;
  return deleted ? 'deleted' : 'was not there';
}
