import { DeleteClusterCommand } from '@aws-sdk/client-redshift';
import { TerminalError } from '../errors.js';
import { type AwaitClusterRequest, resume } from './await-cluster.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';
import { isInvalidClusterState, stateClass } from './cluster-states.js';
import type { Deletion, DeletionRequest } from './deletion.js';
import { findCluster, isClusterNotFound } from './find-cluster.js';
import { foreignResource } from './foreign-resource.js';
import { pollInterval } from './poll-interval.js';
import { isOwned, mayDelete } from './resource-tags.js';

/** Which cluster, and whether to keep its data. */
export interface DeleteClusterRequest extends AwaitClusterRequest, DeletionRequest {
  /** Name of the snapshot to take first. @default none */
  readonly finalSnapshot?: string | undefined;
}

/**
 * Starts the deletion of a cluster of ours, from whatever state: a paused one is resumed first and one that is changing is waited for,
 * because AWS refuses to delete both (InvalidClusterState). Gone: `deleted: false`. On its way out already: `deleted: true`.
 * With `onlyIfCreatedBy`, one that this run did not create stays: `foreign`.
 *
 * @throws TerminalError of kind `foreignResource` for a cluster without our tag, which a person has named
 */
export async function deleteCluster(
  clients: Pick<AwsClients, 'redshift'>,
  request: DeleteClusterRequest,
): Promise<Deletion> {
  const { identifier, onlyIfCreatedBy, signal, onStatus } = request;
  for (let look = 0; ; look += 1) {
    const cluster = await findCluster(clients, { identifier, signal });
    if (cluster === undefined) return { deleted: false };
    if (onlyIfCreatedBy !== undefined && !mayDelete(cluster.Tags, request)) return { deleted: false, foreign: true };
    if (!isOwned(cluster.Tags, identifier)) throw foreignResource({ what: 'Cluster', name: identifier, identifier });
    const status = cluster.ClusterStatus ?? '';
    onStatus?.(status);
    const state = stateClass(status);
    if (state === 'deleting') return { deleted: true };
    if (state === 'paused') await resume(clients, request);
    else if (state !== 'changing' && (await startDeletion(clients, request))) return { deleted: true };
    await pollInterval(look, signal);
  }
}

/** False when the cluster has meanwhile changed into a state that refuses. */
async function startDeletion(
  { redshift }: Pick<AwsClients, 'redshift'>,
  { identifier, finalSnapshot, signal }: DeleteClusterRequest,
): Promise<boolean> {
  const snapshot =
    finalSnapshot === undefined
      ? { SkipFinalClusterSnapshot: true }
      : { SkipFinalClusterSnapshot: false, FinalClusterSnapshotIdentifier: finalSnapshot };
  try {
    await redshift.send(new DeleteClusterCommand({ ClusterIdentifier: identifier, ...snapshot }), callOptions(signal));
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (isInvalidClusterState(error)) return false;
    if (isClusterNotFound(error)) return true;
    const name = error instanceof Error ? error.name.replace(/Fault$/, '') : '';
    if (name === 'ClusterSnapshotAlreadyExists') {
      throw new TerminalError({
        kind: 'awsTerminal',
        message: `Snapshot ${finalSnapshot} exists, and cluster ${identifier} is kept. Choose another name for "finalSnapshot".`,
        resource: identifier,
        code: name,
        cause: error,
      });
    }
    throw toAwsError(error, { action: `Deleting cluster ${identifier}`, resource: identifier });
  }
}
