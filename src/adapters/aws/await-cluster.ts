import { type Cluster, ResumeClusterCommand } from '@aws-sdk/client-redshift';
import type { ClusterFacts } from '../../domain/facts.js';
import { TerminalError } from '../errors.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';
import { isInvalidClusterState, stateClass } from './cluster-states.js';
import { findCluster } from './find-cluster.js';
import { pollInterval } from './poll-interval.js';

/** Whom to wait for, and whom to tell. */
export interface AwaitClusterRequest {
  readonly identifier: string;
  readonly signal?: AbortSignal | undefined;
  /** Called at each look with the cluster's status. */
  readonly onStatus?: ((status: string) => void) | undefined;
}

/** Looks at a cluster that stays as it was although it was told to go. */
const LOOKS_BEFORE_DELETING = 20;

/**
 * Waits until the cluster is available and answers at an address; resumes it when it is paused, also when it becomes so meanwhile.
 * Idempotent. The caller limits the time.
 *
 * @throws TerminalError for a state that does not pass by itself, or a cluster that is not there
 */
export async function waitForClusterAvailable(
  clients: Pick<AwsClients, 'redshift'>,
  request: AwaitClusterRequest,
): Promise<ClusterFacts> {
  const { identifier, signal, onStatus } = request;
  for (let look = 0; ; look += 1) {
    const cluster = await findCluster(clients, { identifier, signal });
    const status = cluster?.ClusterStatus ?? 'gone';
    onStatus?.(status);
    if (cluster === undefined) throw gone(identifier);
    const state = stateClass(status);
    if (state === 'available' && cluster.Endpoint?.Address !== undefined) return clusterFacts(cluster);
    if (state === 'broken' || state === 'deleting') throw stuck(identifier, status);
    if (state === 'paused') await resume(clients, request);
    await pollInterval(look, signal);
  }
}

/** Waits until the cluster is gone. @throws TerminalError when it is not being deleted */
export async function waitForClusterDeleted(
  clients: Pick<AwsClients, 'redshift'>,
  { identifier, signal, onStatus }: AwaitClusterRequest,
): Promise<void> {
  let unchanged = 0;
  for (let look = 0; ; look += 1) {
    const cluster = await findCluster(clients, { identifier, signal });
    if (cluster === undefined) return;
    const status = cluster.ClusterStatus ?? '';
    onStatus?.(status);
    if (stateClass(status) !== 'deleting') unchanged += 1;
    if (unchanged > LOOKS_BEFORE_DELETING) {
      throw new TerminalError({
        kind: 'awsTerminal',
        message: `Cluster ${identifier} is ${status} and not being deleted. Start teardownWarehouse again.`,
        resource: identifier,
        code: status,
      });
    }
    await pollInterval(look, signal);
  }
}

/** Asks to resume; a cluster that has meanwhile changed its state is looked at again. */
export async function resume(
  { redshift }: Pick<AwsClients, 'redshift'>,
  { identifier, signal }: AwaitClusterRequest,
): Promise<void> {
  try {
    await redshift.send(new ResumeClusterCommand({ ClusterIdentifier: identifier }), callOptions(signal));
  } catch (error) {
    signal?.throwIfAborted();
    if (isInvalidClusterState(error)) return;
    throw toAwsError(error, { action: `Resuming cluster ${identifier}`, resource: identifier });
  }
}

/** What the API says about an available cluster; references to secrets, never secrets. */
function clusterFacts(cluster: Cluster): ClusterFacts {
  return {
    identifier: cluster.ClusterIdentifier ?? '',
    host: cluster.Endpoint?.Address ?? '',
    port: cluster.Endpoint?.Port ?? 5439,
    database: cluster.DBName ?? 'dev',
    adminUser: cluster.MasterUsername ?? '',
    ...(cluster.MasterPasswordSecretArn === undefined ? {} : { secretArn: cluster.MasterPasswordSecretArn }),
    nodeType: cluster.NodeType ?? '',
    nodes: cluster.NumberOfNodes ?? 1,
    iamRoleArns: (cluster.IamRoles ?? []).flatMap((role) => role.IamRoleArn ?? []),
  };
}

function gone(identifier: string): TerminalError {
  return new TerminalError({
    kind: 'awsTerminal',
    message: `There is no cluster ${identifier} in this account and region. Provision it first, or correct AWS_REGION.`,
    resource: identifier,
    code: 'ClusterNotFound',
  });
}

/** The error for a state that does not pass by itself. */
export function stuck(identifier: string, status: string): TerminalError {
  return new TerminalError({
    kind: 'awsTerminal',
    message: `Cluster ${identifier} is ${status}, which does not pass by itself. See its events in the Redshift console; mend it or tear it down.`,
    resource: identifier,
    code: status,
  });
}
