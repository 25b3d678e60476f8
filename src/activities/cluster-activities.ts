import type { Adapters } from '../adapters/adapters.js';
import { requireAdminPassword } from '../adapters/aws/admin-password.js';
import { waitForClusterAvailable, waitForClusterDeleted } from '../adapters/aws/await-cluster.js';
import { deleteCluster } from '../adapters/aws/delete-cluster.js';
import type { DeletionRequest } from '../adapters/aws/deletion.js';
import { ensureCluster } from '../adapters/aws/ensure-cluster.js';
import { deleteLoadRole, ensureLoadRole } from '../adapters/aws/load-role.js';
import { deleteSecurityGroup, ensureSecurityGroup } from '../adapters/aws/security-group.js';
import type { ClusterActivities } from './activities.js';
import { type Attempt, runAttempt } from './attempt.js';

/** Activities around the cluster. */
export function createClusterActivities({ aws, password }: Adapters): ClusterActivities {
  return {
    ensureLoadRole: ({ cluster, source }) =>
      runAttempt(async (attempt) => {
        const { identifier, iamRole } = cluster;
        if (iamRole !== undefined) return { id: iamRole, created: false };
        await requireAdminPassword(aws, { cluster, password, signal: attempt.signal });
        return ensureLoadRole(aws, { identifier, source, createdBy: runName(attempt), signal: attempt.signal });
      }),

    ensureSecurityGroup: ({ cluster }) =>
      runAttempt(async (attempt) => {
        await requireAdminPassword(aws, { cluster, password, signal: attempt.signal });
        return ensureSecurityGroup(aws, { cluster, createdBy: runName(attempt), signal: attempt.signal });
      }),

    ensureCluster: (request) =>
      runAttempt((attempt) =>
        ensureCluster(aws, {
          ...{ ...request, ...waiting(request.cluster.identifier, attempt) },
          ...{ createdBy: runName(attempt), password },
        }),
      ),

    waitForClusterAvailable: ({ identifier }) =>
      runAttempt((attempt) => waitForClusterAvailable(aws, waiting(identifier, attempt))),

    deleteCluster: ({ finalSnapshot, ...request }) =>
      runAttempt((attempt) =>
        deleteCluster(aws, {
          ...waiting(request.identifier, attempt),
          ...deletion(request, attempt),
          finalSnapshot,
        }),
      ),

    waitForClusterDeleted: ({ identifier }) =>
      runAttempt((attempt) => waitForClusterDeleted(aws, waiting(identifier, attempt))),

    deleteSecurityGroup: (request) => runAttempt((attempt) => deleteSecurityGroup(aws, deletion(request, attempt))),

    deleteLoadRole: (request) => runAttempt((attempt) => deleteLoadRole(aws, deletion(request, attempt))),
  };
}

/** Names the run in the tags of what it creates. */
function runName({ workflowId, runId }: Attempt): string {
  return `${workflowId}/${runId}`;
}

function waiting(identifier: string, { signal, report }: Attempt) {
  return { identifier, signal, onStatus: (status: string) => report({ cluster: identifier, status }) };
}

/** What a rollback deletes is this run's own; a teardown deletes whatever is Starshift's. */
function deletion(
  { identifier, onlyIfCreatedBy }: { readonly identifier: string; readonly onlyIfCreatedBy?: true },
  attempt: Attempt,
): DeletionRequest {
  const { signal } = attempt;
  return { identifier, signal, ...(onlyIfCreatedBy === true ? { onlyIfCreatedBy: runName(attempt) } : {}) };
}
