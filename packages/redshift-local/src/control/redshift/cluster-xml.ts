import type { XmlRecord } from '../aws/xml.js';
import { VPC_ID } from '../ec2/network.js';
import { arnOf } from '../state/account.js';
import type { ClusterRecord, ClusterStatus, SnapshotRecord } from '../state/control-state.js';
import { tagList } from '../state/tags.js';
import { nodeType } from './node-types.js';
import type { RedshiftContext } from './redshift-context.js';

/** ClusterAvailabilityStatus of each state (API reference, Cluster). */
const AVAILABILITY: Readonly<Record<ClusterStatus, string>> = {
  available: 'Available',
  creating: 'Modifying',
  modifying: 'Modifying',
  resuming: 'Modifying',
  pausing: 'Paused',
  paused: 'Paused',
  rebooting: 'Unavailable',
  deleting: 'Unavailable',
  'final-snapshot': 'Unavailable',
  'hardware-failure': 'Failed',
};

/** A cluster as the API shows it. */
export function clusterXml(context: RedshiftContext, cluster: ClusterRecord): XmlRecord {
  const { account, endpointAddress } = context;
  const applied = cluster.status === 'creating' ? 'adding' : 'in-sync';
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: cluster.nodeType,
    ClusterStatus: cluster.status,
    ClusterAvailabilityStatus: AVAILABILITY[cluster.status],
    MasterUsername: cluster.masterUsername,
    DBName: cluster.dbName,
    // A cluster that is being created has no address yet.
    Endpoint: cluster.status === 'creating' ? undefined : { Address: endpointAddress, Port: cluster.port },
    ClusterCreateTime: cluster.status === 'creating' ? undefined : cluster.createdAt,
    AutomatedSnapshotRetentionPeriod: cluster.automatedSnapshotRetentionDays,
    ManualSnapshotRetentionPeriod: cluster.manualSnapshotRetentionDays,
    ClusterSecurityGroups: {},
    VpcSecurityGroups: {
      VpcSecurityGroup: cluster.securityGroupIds.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    },
    ClusterParameterGroups: {
      ClusterParameterGroup: { ParameterGroupName: cluster.parameterGroupName, ParameterApplyStatus: 'in-sync' },
    },
    ClusterSubnetGroupName: cluster.subnetGroupName,
    VpcId: VPC_ID,
    AvailabilityZone: cluster.availabilityZone,
    PreferredMaintenanceWindow: cluster.maintenanceWindow,
    PendingModifiedValues: {},
    ClusterVersion: '1.0',
    AllowVersionUpgrade: cluster.allowVersionUpgrade,
    NumberOfNodes: cluster.numberOfNodes,
    PubliclyAccessible: cluster.publiclyAccessible,
    Encrypted: cluster.encrypted,
    KmsKeyId: cluster.kmsKeyId,
    ClusterNodes: { member: clusterNodes(cluster) },
    Tags: { Tag: tagList(cluster.tags) },
    EnhancedVpcRouting: cluster.enhancedVpcRouting,
    IamRoles: { ClusterIamRole: cluster.roleArns.map((arn) => ({ IamRoleArn: arn, ApplyStatus: applied })) },
    DefaultIamRoleArn: cluster.defaultRoleArn,
    MaintenanceTrackName: 'current',
    AvailabilityZoneRelocationStatus: 'disabled',
    MultiAZ: 'Disabled',
    TotalStorageCapacityInMegaBytes: nodeType(cluster.nodeType).storageMegabytes * cluster.numberOfNodes,
    ClusterNamespaceArn: arnOf.namespace(account, cluster.namespaceId),
    MasterPasswordSecretArn: cluster.masterSecretArn,
  };
}

/** A snapshot as the API shows it. */
export function snapshotXml(context: RedshiftContext, snapshot: SnapshotRecord): XmlRecord {
  const { cluster } = snapshot;
  const megabytes = snapshot.sizeBytes / (1024 * 1024);
  return {
    SnapshotIdentifier: snapshot.identifier,
    SnapshotArn: arnOf.snapshot(context.account, cluster.identifier, snapshot.identifier),
    ClusterIdentifier: cluster.identifier,
    SnapshotCreateTime: snapshot.createdAt,
    Status: snapshot.status,
    SnapshotType: 'manual',
    Port: cluster.port,
    AvailabilityZone: cluster.availabilityZone,
    ClusterCreateTime: cluster.createdAt,
    MasterUsername: cluster.masterUsername,
    ClusterVersion: '1.0',
    NodeType: cluster.nodeType,
    NumberOfNodes: cluster.numberOfNodes,
    DBName: cluster.dbName,
    VpcId: VPC_ID,
    Encrypted: cluster.encrypted,
    KmsKeyId: cluster.kmsKeyId,
    OwnerAccount: context.account.id,
    TotalBackupSizeInMegaBytes: megabytes,
    ActualIncrementalBackupSizeInMegaBytes: megabytes,
    ManualSnapshotRetentionPeriod: cluster.manualSnapshotRetentionDays,
    EnhancedVpcRouting: cluster.enhancedVpcRouting,
    MaintenanceTrackName: 'current',
    Tags: { Tag: tagList(snapshot.tags) },
    RestorableNodeTypes: { NodeType: [cluster.nodeType] },
  };
}

function clusterNodes(cluster: ClusterRecord): XmlRecord[] {
  if (cluster.status === 'creating') return [];
  const shared = { NodeRole: 'SHARED', PrivateIPAddress: '127.0.0.1' };
  if (cluster.numberOfNodes === 1) return [shared];
  const compute = Array.from({ length: cluster.numberOfNodes }, (_, index) => ({
    NodeRole: `COMPUTE-${index}`,
    PrivateIPAddress: '127.0.0.1',
  }));
  return [{ ...shared, NodeRole: 'LEADER' }, ...compute];
}
