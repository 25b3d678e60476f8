import { AwsError, invalidValue } from '../aws/aws-error.js';
import type { QueryParams } from '../aws/query-params.js';
import { adminPasswordSql } from '../cluster/admin-role.js';
import { scramVerifier } from '../cluster/scram-verifier.js';
import { enterManagedSecret } from '../secrets/managed-secret.js';
import type { ClusterRecord } from '../state/control-state.js';
import { clusterRoles, masterPassword, securityGroups } from './create-cluster.js';
import { nodeCount } from './node-types.js';
import type { RedshiftContext } from './redshift-context.js';

/** Changes of ModifyCluster that redshift-local cannot make. */
const UNSUPPORTED = ['NewClusterIdentifier', 'Port', 'ElasticIp', 'HsmClientCertificateIdentifier', 'MultiAZ'] as const;

/** Applies ModifyCluster. The answer shows the cluster as `modifying`. Throws AwsError; nothing has changed then. */
export function modifyCluster(context: RedshiftContext, cluster: ClusterRecord, params: QueryParams): ClusterRecord {
  const refused = UNSUPPORTED.filter((name) => params.has(name));
  if (refused.length > 0)
    throw new AwsError('UnsupportedOperation', `redshift-local cannot modify ${refused.join(', ')}.`);
  const { identifier } = cluster;
  const changes = { ...settingChanges(context, cluster, params), ...passwordChanges(context, cluster, params) };
  context.lifecycle.update(identifier, changes);
  const { masterVerifier } = changes;
  return context.lifecycle.modify(identifier, async () => {
    if (masterVerifier !== undefined) {
      const sql = adminPasswordSql({ ...cluster, masterVerifier });
      await context.runtime.asSuperuser(identifier, cluster.dbName, (client) => client.query(sql));
    }
    return {};
  });
}

/** Applies ModifyClusterIamRoles. Throws AwsError; nothing has changed then. */
export function modifyClusterRoles(
  context: RedshiftContext,
  cluster: ClusterRecord,
  params: QueryParams,
): ClusterRecord {
  const removed = params.list('RemoveIamRoles');
  const added = clusterRoles(context, params.list('AddIamRoles'));
  const kept = cluster.roleArns.filter((arn) => !removed.includes(arn));
  const roleArns = clusterRoles(context, [...kept, ...added]);
  const { defaultRoleArn: former, ...rest } = cluster;
  const wanted = params.text('DefaultIamRoleArn') ?? former;
  if (params.text('DefaultIamRoleArn') && !roleArns.includes(wanted ?? '')) {
    throw invalidValue(`The default IAM role ${wanted} is not one of the cluster's IAM roles.`);
  }
  const keepsDefault = wanted !== undefined && roleArns.includes(wanted);
  context.store.state.clusters[cluster.identifier] = {
    ...rest,
    roleArns,
    ...(keepsDefault && { defaultRoleArn: wanted }),
  };
  return context.lifecycle.modify(cluster.identifier);
}

function settingChanges(context: RedshiftContext, cluster: ClusterRecord, params: QueryParams): Partial<ClusterRecord> {
  const nodeType = params.text('NodeType') ?? cluster.nodeType;
  const numberOfNodes = params.integer('NumberOfNodes') ?? cluster.numberOfNodes;
  const groups = params.has('VpcSecurityGroupIds')
    ? securityGroups(context, params.list('VpcSecurityGroupIds'))
    : undefined;
  const changes = {
    nodeType,
    numberOfNodes: nodeCount(nodeType, params.text('ClusterType'), numberOfNodes),
    securityGroupIds: groups,
    publiclyAccessible: params.flag('PubliclyAccessible'),
    encrypted: params.flag('Encrypted'),
    kmsKeyId: params.text('KmsKeyId'),
    enhancedVpcRouting: params.flag('EnhancedVpcRouting'),
    allowVersionUpgrade: params.flag('AllowVersionUpgrade'),
    parameterGroupName: params.text('ClusterParameterGroupName'),
    maintenanceWindow: params.text('PreferredMaintenanceWindow'),
    automatedSnapshotRetentionDays: params.integer('AutomatedSnapshotRetentionPeriod'),
    manualSnapshotRetentionDays: params.integer('ManualSnapshotRetentionPeriod'),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function passwordChanges(
  context: RedshiftContext,
  cluster: ClusterRecord,
  params: QueryParams,
): Partial<ClusterRecord> {
  if (!params.has('MasterUserPassword') && params.flag('ManageMasterPassword') !== true) return {};
  const { store, account } = context;
  const password = masterPassword(params);
  const masterVerifier = scramVerifier(password.value);
  if (!password.managed) return { masterVerifier };
  const admin = { cluster: cluster.identifier, username: cluster.masterUsername, password: password.value };
  if (cluster.masterSecretArn !== undefined) delete store.state.secrets[cluster.masterSecretArn];
  return { masterVerifier, masterSecretArn: enterManagedSecret(store, account, admin) };
}
