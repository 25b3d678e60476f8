import {
  type Cluster,
  CreateClusterCommand,
  type CreateClusterCommandInput,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import type { EnsuredResource } from '../../domain/facts.js';
import type { ClusterSpec } from '../../domain/input.js';
import { TerminalError, TransientError } from '../errors.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';
import { stateClass } from './cluster-states.js';
import { findCluster } from './find-cluster.js';
import { foreignResource } from './foreign-resource.js';
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
}

/**
 * Creates the cluster, or adopts the one of that name that carries our tag: a paused one is resumed, a missing role or security group is
 * joined. Does not wait until it is available.
 *
 * @throws TerminalError of kind `foreignResource` for a cluster without our tag, `invalidInput` for one that is not as the input says
 */
export async function ensureCluster(
  clients: Pick<AwsClients, 'redshift'>,
  request: EnsureClusterRequest,
): Promise<EnsuredResource> {
  const { cluster, createdBy, signal } = request;
  const { identifier } = cluster;
  const found = await findCluster(clients, { identifier, signal });
  if (found === undefined) return create(clients, request);
  if (!isOwned(found.Tags, identifier)) throw foreignResource({ what: 'Cluster', name: identifier, identifier });
  const state = stateClass(found.ClusterStatus ?? '');
  if (state === 'deleting') {
    throw new TransientError({
      kind: 'awsTransient',
      message: `Cluster ${identifier} is being deleted. It is created anew when it is gone.`,
      resource: identifier,
    });
  }
  requireSameShape(found, cluster);
  await join(clients, request, found);
  return { id: identifier, created: isCreatedBy(found.Tags, createdBy) };
}

async function create(clients: Pick<AwsClients, 'redshift'>, request: EnsureClusterRequest): Promise<EnsuredResource> {
  const { identifier } = request.cluster;
  try {
    await clients.redshift.send(new CreateClusterCommand(createInput(request)), callOptions(request.signal));
    return { id: identifier, created: true };
  } catch (error) {
    request.signal?.throwIfAborted();
    // Made meanwhile: by an attempt whose answer was lost, or by somebody else; another look tells.
    if (error instanceof Error && /^ClusterAlreadyExists(Fault)?$/.test(error.name))
      return ensureCluster(clients, request);
    throw toAwsError(error, { action: `Creating cluster ${identifier}`, resource: identifier });
  }
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
    ...adminPassword(cluster, password),
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

function adminPassword(
  cluster: ClusterSpec,
  lookUp: (name: string) => string | undefined,
): Pick<CreateClusterCommandInput, 'ManageMasterPassword' | 'MasterUserPassword'> {
  if ('managed' in cluster.adminPassword) return { ManageMasterPassword: true };
  const name = cluster.adminPassword.env;
  const value = lookUp(name);
  if (value !== undefined) return { MasterUserPassword: value };
  throw new TerminalError({
    kind: 'authentication',
    message: `The admin password of cluster ${cluster.identifier} is to be in ${name}, which the worker does not have. Set it and restart the worker.`,
    resource: name,
  });
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

async function join(
  { redshift }: Pick<AwsClients, 'redshift'>,
  { cluster: { identifier }, roleArn, securityGroupId, signal }: EnsureClusterRequest,
  found: Cluster,
): Promise<void> {
  const hasRole = found.IamRoles?.some((role) => role.IamRoleArn === roleArn) ?? false;
  const groups = (found.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []);
  const hasGroup = groups.includes(securityGroupId);
  if (hasRole && hasGroup) return;
  const ClusterIdentifier = identifier;
  const options = callOptions(signal);
  try {
    // A paused cluster takes no changes; InvalidClusterState while it resumes brings the next attempt.
    if (stateClass(found.ClusterStatus ?? '') === 'paused') {
      await redshift.send(new ResumeClusterCommand({ ClusterIdentifier }), options);
    }
    if (!hasRole) {
      await redshift.send(
        new ModifyClusterIamRolesCommand({ ClusterIdentifier, AddIamRoles: [roleArn], DefaultIamRoleArn: roleArn }),
        options,
      );
    }
    if (!hasGroup) {
      await redshift.send(
        new ModifyClusterCommand({ ClusterIdentifier, VpcSecurityGroupIds: [...groups, securityGroupId] }),
        options,
      );
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw toAwsError(error, {
      action: `Joining cluster ${identifier} to its role and security group`,
      resource: identifier,
    });
  }
}
