import { randomUUID } from 'node:crypto';
import { AwsError, invalidValue } from '../aws/aws-error.js';
import type { QueryParams } from '../aws/query-params.js';
import { choosePort, DEFAULT_PORT } from '../cluster/cluster-ports.js';
import { scramVerifier } from '../cluster/scram-verifier.js';
import { DEFAULT_GROUP_ID, SUBNETS } from '../ec2/network.js';
import { enterManagedSecret, generatePassword } from '../secrets/managed-secret.js';
import { roleNameOf } from '../state/account.js';
import type { ClusterRecord } from '../state/control-state.js';
import { readTags } from '../state/tags.js';
import { adminPassword, adminUsername, clusterIdentifier, clusterPort, databaseName } from './identifiers.js';
import { nodeCount } from './node-types.js';
import type { RedshiftContext } from './redshift-context.js';

/** At most this many clusters in an account and region (MG, "Quotas and limits"). */
const CLUSTER_QUOTA = 128;
/** MG, "Quotas and limits": IAM roles associated with a cluster. */
const ROLE_QUOTA = 50;

/**
 * Checks the parameters of CreateCluster as Redshift does and makes the record of the cluster, entering its managed secret; the
 * caller begins to create it. Throws AwsError; nothing is entered then.
 */
export async function newCluster(context: RedshiftContext, params: QueryParams): Promise<ClusterRecord> {
  const identifier = newClusterIdentifier(context, params);
  const nodeType = params.required('NodeType');
  const numberOfNodes = nodeCount(nodeType, params.text('ClusterType'), params.integer('NumberOfNodes'));
  const masterUsername = adminUsername(params.required('MasterUsername'));
  const dbName = databaseName(params.text('DBName') ?? 'dev');
  const settings = clusterSettings(context, params);
  const wantedPort = clusterPort(params.integer('Port') ?? DEFAULT_PORT);
  const password = masterPassword(params);
  const cluster: ClusterRecord = {
    identifier,
    nodeType,
    numberOfNodes,
    masterUsername,
    masterVerifier: scramVerifier(password.value),
    dbName,
    port: await freePort(context, wantedPort),
    status: 'creating',
    createdAt: new Date().toISOString(),
    namespaceId: randomUUID(),
    catalogVersion: context.catalogVersion,
    ...settings,
  };
  // Two requests may have waited for their ports at the same time.
  newClusterIdentifier(context, params);
  if (!password.managed) return cluster;
  const admin = { cluster: identifier, username: masterUsername, password: password.value };
  return { ...cluster, masterSecretArn: enterManagedSecret(context.store, context.account, admin) };
}

/** The identifier of a cluster to be created or restored. Throws when it is malformed, taken, or the quota is used up. */
export function newClusterIdentifier({ store }: RedshiftContext, params: QueryParams): string {
  const identifier = clusterIdentifier(params.required('ClusterIdentifier'));
  if (store.state.clusters[identifier] !== undefined) {
    throw new AwsError('ClusterAlreadyExists', `Cluster already exists: ${identifier}`);
  }
  if (Object.keys(store.state.clusters).length >= CLUSTER_QUOTA) {
    throw new AwsError('ClusterQuotaExceeded', `You have reached the quota of ${CLUSTER_QUOTA} clusters.`);
  }
  return identifier;
}

/** The wanted port (the base port stands for 5439), or the next one that neither a process nor another cluster has. */
export function freePort({ store, listenHost, basePort }: RedshiftContext, wanted: number): Promise<number> {
  const first = wanted === DEFAULT_PORT ? basePort : wanted;
  return choosePort(listenHost, first, new Set(Object.values(store.state.clusters).map(({ port }) => port)));
}

/** The settings that have defaults, from the parameters. Throws for roles, groups and windows that do not exist. */
export function clusterSettings(context: RedshiftContext, params: QueryParams) {
  const roleArns = clusterRoles(context, params.list('IamRoles'));
  const defaultRoleArn = params.text('DefaultIamRoleArn');
  if (defaultRoleArn && !roleArns.includes(defaultRoleArn)) {
    throw invalidValue(`The default IAM role ${defaultRoleArn} is not one of the cluster's IAM roles.`);
  }
  const encrypted = params.flag('Encrypted') ?? true;
  const kmsKeyId = params.text('KmsKeyId') ?? (encrypted ? 'AWS_OWNED_KMS_KEY' : undefined);
  return {
    roleArns,
    ...(defaultRoleArn && { defaultRoleArn }),
    securityGroupIds: securityGroups(context, params.list('VpcSecurityGroupIds')),
    subnetGroupName: subnetGroup(params.text('ClusterSubnetGroupName') ?? 'default'),
    parameterGroupName: params.text('ClusterParameterGroupName') ?? 'default.redshift-2.0',
    publiclyAccessible: params.flag('PubliclyAccessible') ?? false,
    encrypted,
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    enhancedVpcRouting: params.flag('EnhancedVpcRouting') ?? false,
    allowVersionUpgrade: params.flag('AllowVersionUpgrade') ?? true,
    automatedSnapshotRetentionDays: params.integer('AutomatedSnapshotRetentionPeriod') ?? 1,
    manualSnapshotRetentionDays: params.integer('ManualSnapshotRetentionPeriod') ?? -1,
    maintenanceWindow: params.text('PreferredMaintenanceWindow') ?? 'sun:05:00-sun:05:30',
    availabilityZone: params.text('AvailabilityZone') ?? `${context.account.region}${SUBNETS[0]?.zone}`,
    tags: readTags(params),
  };
}

/** Checks the roles of a cluster. Throws when there are too many, or one does not exist. */
export function clusterRoles({ store }: RedshiftContext, arns: readonly string[]): string[] {
  const roles = [...new Set(arns)];
  if (roles.length > ROLE_QUOTA) throw invalidValue(`A cluster can have at most ${ROLE_QUOTA} IAM roles.`);
  const unknown = roles.filter((arn) => store.state.roles[roleNameOf(arn)] === undefined);
  if (unknown.length > 0) throw invalidValue(`The IAM role is not valid, it does not exist: ${unknown.join(', ')}`);
  return roles;
}

/** The admin password of the request: given, or managed in Secrets Manager. Throws when it is neither or both. */
export function masterPassword(params: QueryParams): { readonly value: string; readonly managed: boolean } {
  const managed = params.flag('ManageMasterPassword') ?? false;
  const given = params.text('MasterUserPassword');
  if (managed && given !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'MasterUserPassword cannot be used when ManageMasterPassword is true.',
    );
  }
  if (managed) return { value: generatePassword(), managed };
  if (given === undefined) {
    throw new AwsError(
      'MissingParameter',
      'The request must contain the parameter MasterUserPassword or ManageMasterPassword.',
    );
  }
  return { value: adminPassword(given), managed };
}

/** Checks the security groups of a cluster; none means the default group of the VPC. Throws for unknown ones. */
export function securityGroups({ store }: RedshiftContext, ids: readonly string[]): string[] {
  if (ids.length === 0) return [DEFAULT_GROUP_ID];
  const unknown = ids.filter((id) => id !== DEFAULT_GROUP_ID && store.state.securityGroups[id] === undefined);
  if (unknown.length > 0) throw invalidValue(`The security group does not exist: ${unknown.join(', ')}`);
  return [...ids];
}

function subnetGroup(name: string): string {
  if (name === 'default') return name;
  throw new AwsError(
    'ClusterSubnetGroupNotFoundFault',
    `Cluster subnet group ${name} not found: redshift-local has only "default".`,
  );
}
