import type { ClusterSpec } from '../../domain/input.js';
import { TerminalError } from '../errors.js';
import type { AwsClients } from './aws-clients.js';
import { stateClass } from './cluster-states.js';
import { findCluster } from './find-cluster.js';

/** Looks up a password by the name of its environment variable. */
export type LookUpPassword = (name: string) => string | undefined;

/**
 * The password that the cluster is to be created with; undefined: one that Redshift manages.
 * @throws TerminalError of kind `authentication` when the worker does not have it
 */
export function adminPassword({ identifier, adminPassword: wanted }: ClusterSpec, lookUp: LookUpPassword) {
  if ('managed' in wanted) return undefined;
  const value = lookUp(wanted.env);
  if (value !== undefined) return value;
  throw new TerminalError({
    kind: 'authentication',
    message:
      `The admin password of cluster ${identifier} is to be in ${wanted.env}, which the worker does not have, so the cluster was not created. ` +
      'Set it and restart the worker.',
    resource: wanted.env,
  });
}

/**
 * Makes sure that the admin password is at hand before anything of a new cluster is created. One that is there to be adopted does
 * without.
 * @throws TerminalError like `adminPassword`
 */
export async function requireAdminPassword(
  clients: Pick<AwsClients, 'redshift'>,
  request: {
    readonly cluster: ClusterSpec;
    readonly password: LookUpPassword;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { cluster, password, signal } = request;
  if ('managed' in cluster.adminPassword || password(cluster.adminPassword.env) !== undefined) return;
  const found = await findCluster(clients, { identifier: cluster.identifier, signal });
  if (found === undefined || stateClass(found.ClusterStatus ?? '') === 'deleting') adminPassword(cluster, password);
}
