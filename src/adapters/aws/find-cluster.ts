import { type Cluster, DescribeClustersCommand } from '@aws-sdk/client-redshift';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';

/** The cluster as the account has it; undefined when there is none. */
export async function findCluster(
  { redshift }: Pick<AwsClients, 'redshift'>,
  request: { readonly identifier: string; readonly signal?: AbortSignal | undefined },
): Promise<Cluster | undefined> {
  const { identifier, signal } = request;
  try {
    const { Clusters } = await redshift.send(
      new DescribeClustersCommand({ ClusterIdentifier: identifier }),
      callOptions(signal),
    );
    return Clusters?.[0];
  } catch (error) {
    signal?.throwIfAborted();
    if (isClusterNotFound(error)) return undefined;
    throw toAwsError(error, { action: `Looking for cluster ${identifier}`, resource: identifier });
  }
}

/** The service says ClusterNotFound, the SDK ClusterNotFoundFault. */
export function isClusterNotFound(error: unknown): boolean {
  return error instanceof Error && /^ClusterNotFound(Fault)?$/.test(error.name);
}
