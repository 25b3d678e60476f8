import {
  type Cluster,
  CreateClusterCommand,
  type CreateClusterCommandInput,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
} from '@aws-sdk/client-redshift';
import type { EnsuredResource } from '../../domain/facts.js';
import type { ClusterSpec } from '../../domain/input.js';
import { TerminalError } from '../errors.js';
import { adminPassword } from './admin-password.js';
import { resume, stuck } from './await-cluster.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';
import { isInvalidClusterState, stateClass } from './cluster-states.js';
import { findCluster } from './find-cluster.js';
import { foreignResource } from './foreign-resource.js';
import { pollInterval } from './poll-interval.js';
import { isCreatedBy, isOwned, ownerTags } from './resource-tags.js';

/** The cluster that is wanted and what it is joined to. */
export interface EnsureClusterRequest {
  readonly cluster: ClusterSpec;
  readonly roleArn: string;
  readonly securityGroupId: string;
  /** Names the run, for the tag that tells who created the cluster. */
  readonly createdBy: string;
  /** Looks up a password by the name of its environment variable. */
  readonly password: (name: string) => string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called at each look with the cluster's status. */
  readonly onStatus?: ((status: string) => void) | undefined;
}

/**
 * Creates the cluster, or adopts the one of that name that carries our tag: a missing role or security group is joined. What stands in
 * the way is waited for: one that is being deleted until it is gone, one that is changing until it takes changes; a paused one is
 * resumed first. Does not wait until the cluster is available. Idempotent. The caller limits the time.
 *
 * @throws TerminalError of kind `foreignResource` for a cluster without our tag, `invalidInput` for one that is not as the input says
 */
export async function ensureCluster(
  clients: Pick<AwsClients, 'redshift'>,
  request: EnsureClusterRequest,
): Promise<EnsuredResource> {
  const { cluster, createdBy, signal, onStatus } = request;
  const { identifier } = cluster;
  for (let look = 0; ; look += 1) {
    const found = await findCluster(clients, { identifier, signal });
    onStatus?.(found?.ClusterStatus ?? 'gone');
    if (found === undefined) {
      if (await create(clients, request)) return { id: identifier, created: true };
    } else {
      if (!isOwned(found.Tags, identifier)) throw foreignResource({ what: 'Cluster', name: identifier, identifier });
      if (await adopt(clients, request, found)) return { id: identifier, created: isCreatedBy(found.Tags, createdBy) };
    }
    await pollInterval(look, signal);
  }
}

/** False when there is one of that name after all. */
async function create(clients: Pick<AwsClients, 'redshift'>, request: EnsureClusterRequest): Promise<boolean> {
  const { identifier } = request.cluster;
  const input = createInput(request);
  try {
    await clients.redshift.send(new CreateClusterCommand(input), callOptions(request.signal));
    return true;
  } catch (error) {
    request.signal?.throwIfAborted();
    // Made meanwhile: by an attempt whose answer was lost, or by somebody else; another look tells.
    if (error instanceof Error && /^ClusterAlreadyExists(Fault)?$/.test(error.name)) return false;
    throw toAwsError(error, { action: `Creating cluster ${identifier}`, resource: identifier });
  }
}

/** False while the cluster is in a state in which it cannot be adopted. */
async function adopt(
  clients: Pick<AwsClients, 'redshift'>,
  request: EnsureClusterRequest,
  found: Cluster,
): Promise<boolean> {
  const { cluster, signal } = request;
  const { identifier } = cluster;
  const status = found.ClusterStatus ?? '';
  const state = stateClass(status);
  if (state === 'deleting') return false;
  requireSameShape(found, cluster);
  if (isJoined(found, request)) return true;
  if (state === 'broken') throw stuck(identifier, status);
  if (state === 'paused') await resume(clients, { identifier, signal });
  return state === 'available' && (await join(clients, request, found));
}

function createInput({
  cluster,
  roleArn,
  securityGroupId,
  createdBy,
  password,
}: EnsureClusterRequest): CreateClusterCommandInput {
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: cluster.nodeType,
    ...(cluster.nodes === 1
      ? { ClusterType: 'single-node' }
      : { ClusterType: 'multi-node', NumberOfNodes: cluster.nodes }),
    DBName: cluster.database,
    MasterUsername: cluster.adminUser,
    ...adminCredential(cluster, password),
    Port: cluster.port,
    PubliclyAccessible: cluster.publiclyAccessible,
    Encrypted: true,
    ...(cluster.kmsKeyId === undefined ? {} : { KmsKeyId: cluster.kmsKeyId }),
    ...(cluster.subnetGroup === undefined ? {} : { ClusterSubnetGroupName: cluster.subnetGroup }),
    VpcSecurityGroupIds: [securityGroupId],
    IamRoles: [roleArn],
    DefaultIamRoleArn: roleArn,
    Tags: ownerTags(cluster.identifier, createdBy),
  };
}

function adminCredential(
  cluster: ClusterSpec,
  lookUp: (name: string) => string | undefined,
): Pick<CreateClusterCommandInput, 'ManageMasterPassword' | 'MasterUserPassword'> {
  const password = adminPassword(cluster, lookUp);
  return password === undefined ? { ManageMasterPassword: true } : { MasterUserPassword: password };
}

/** Resizing, renaming and opening a cluster are a person's decisions, so a difference is told instead of mended. */
function requireSameShape(found: Cluster, wanted: ClusterSpec): void {
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['nodeType', found.NodeType, wanted.nodeType],
    ['nodes', found.NumberOfNodes, wanted.nodes],
    ['database', found.DBName, wanted.database],
    ['adminUser', found.MasterUsername, wanted.adminUser],
    ['publiclyAccessible', found.PubliclyAccessible, wanted.publiclyAccessible],
  ];
  const differences = fields
    .filter(([, is, should]) => is !== undefined && is !== should)
    .map(([name, is, should]) => `${name} is ${is}, the input says ${should}`);
  if (differences.length === 0) return;
  throw new TerminalError({
    kind: 'invalidInput',
    message:
      `Cluster ${wanted.identifier} exists, but not as the input says: ${differences.join('; ')}. ` +
      'Correct the input, or change the cluster yourself; Starshift does not rebuild a cluster that holds data.',
    resource: wanted.identifier,
  });
}

function isJoined(found: Cluster, { roleArn, securityGroupId }: EnsureClusterRequest): boolean {
  return hasRole(found, roleArn) && securityGroups(found).includes(securityGroupId);
}

function hasRole(found: Cluster, roleArn: string): boolean {
  return found.IamRoles?.some((role) => role.IamRoleArn === roleArn) ?? false;
}

function securityGroups(found: Cluster): readonly string[] {
  return (found.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []);
}

/** False when the cluster has meanwhile changed into a state that refuses; the first change may bring it there. */
async function join(
  { redshift }: Pick<AwsClients, 'redshift'>,
  { cluster: { identifier }, roleArn, securityGroupId, signal }: EnsureClusterRequest,
  found: Cluster,
): Promise<boolean> {
  const ClusterIdentifier = identifier;
  const options = callOptions(signal);
  const groups = securityGroups(found);
  try {
    if (!hasRole(found, roleArn)) {
      await redshift.send(
        new ModifyClusterIamRolesCommand({ ClusterIdentifier, AddIamRoles: [roleArn], DefaultIamRoleArn: roleArn }),
        options,
      );
    }
    if (!groups.includes(securityGroupId)) {
      await redshift.send(
        new ModifyClusterCommand({ ClusterIdentifier, VpcSecurityGroupIds: [...groups, securityGroupId] }),
        options,
      );
    }
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (isInvalidClusterState(error)) return false;
    throw toAwsError(error, {
      action: `Joining cluster ${identifier} to its role and security group`,
      resource: identifier,
    });
  }
}
