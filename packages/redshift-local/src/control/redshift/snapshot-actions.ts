import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import { pageOf } from '../aws/paging.js';
import type { QueryParams } from '../aws/query-params.js';
import { scramVerifier } from '../cluster/scram-verifier.js';
import { enterManagedSecret, generatePassword } from '../secrets/managed-secret.js';
import type { ClusterRecord, SnapshotRecord } from '../state/control-state.js';
import { readTags } from '../state/tags.js';
import { clusterXml, snapshotXml } from './cluster-xml.js';
import { clusterRoles, freePort, newClusterIdentifier, securityGroups } from './create-cluster.js';
import { clusterPort } from './identifiers.js';
import { nodeCount } from './node-types.js';
import type { RedshiftContext } from './redshift-context.js';

/** The actions on snapshots. They come from DeleteCluster only: a running endpoint's data is not copied. */
export function snapshotActions(context: RedshiftContext): Record<string, QueryAction> {
  return {
    DescribeClusterSnapshots: (params) => describeSnapshots(context, params),
    DeleteClusterSnapshot: (params) => ({ Snapshot: snapshotXml(context, deleteSnapshot(context, params)) }),
    RestoreFromClusterSnapshot: async (params) => ({ Cluster: clusterXml(context, await restore(context, params)) }),
  };
}

function describeSnapshots(context: RedshiftContext, params: QueryParams) {
  const [wanted, cluster] = [params.text('SnapshotIdentifier'), params.text('ClusterIdentifier')];
  if (wanted) findSnapshot(context, wanted);
  const snapshots = Object.values(context.store.state.snapshots).filter(
    (snapshot) =>
      (!wanted || snapshot.identifier === wanted.toLowerCase()) &&
      (!cluster || snapshot.cluster.identifier === cluster.toLowerCase()),
  );
  const page = pageOf(snapshots, params);
  return { Marker: page.marker, Snapshots: { Snapshot: page.items.map((snapshot) => snapshotXml(context, snapshot)) } };
}

function deleteSnapshot(context: RedshiftContext, params: QueryParams): SnapshotRecord {
  const snapshot = availableSnapshot(context, params);
  context.runtime.removeSnapshot(snapshot.identifier);
  delete context.store.state.snapshots[snapshot.identifier];
  context.store.save();
  return snapshot;
}

async function restore(context: RedshiftContext, params: QueryParams): Promise<ClusterRecord> {
  const snapshot = availableSnapshot(context, params);
  const identifier = newClusterIdentifier(context, params);
  const { masterSecretArn: _, finalSnapshot: __, defaultRoleArn: ___, ...former } = snapshot.cluster;
  const nodeType = params.text('NodeType') ?? former.nodeType;
  const numberOfNodes = nodeCount(nodeType, undefined, params.integer('NumberOfNodes') ?? former.numberOfNodes);
  const roleArns = clusterRoles(context, params.list('IamRoles'));
  const defaultRoleArn = params.text('DefaultIamRoleArn');
  const groups = securityGroups(context, params.list('VpcSecurityGroupIds'));
  const wantedPort = params.integer('Port');
  const port = await freePort(context, wantedPort === undefined ? former.port : clusterPort(wantedPort));
  newClusterIdentifier(context, params);
  const cluster: ClusterRecord = {
    ...former,
    ...managedPassword(context, identifier, former, params.flag('ManageMasterPassword') ?? false),
    identifier,
    nodeType,
    numberOfNodes,
    port,
    status: 'creating',
    createdAt: new Date().toISOString(),
    roleArns,
    ...(defaultRoleArn && { defaultRoleArn }),
    securityGroupIds: groups,
    publiclyAccessible: params.flag('PubliclyAccessible') ?? former.publiclyAccessible,
    tags: readTags(params),
    namespaceId: randomUUID(),
    restoringFrom: snapshot.identifier,
  };
  context.lifecycle.create(cluster);
  return cluster;
}

/** Without ManageMasterPassword the admin keeps the password of the time of the snapshot (API reference). */
function managedPassword(
  { store, account }: RedshiftContext,
  cluster: string,
  { masterUsername }: { readonly masterUsername: string },
  managed: boolean,
): Partial<ClusterRecord> {
  if (!managed) return {};
  const password = generatePassword();
  const masterSecretArn = enterManagedSecret(store, account, { cluster, username: masterUsername, password });
  return { masterVerifier: scramVerifier(password), masterSecretArn };
}

function availableSnapshot(context: RedshiftContext, params: QueryParams): SnapshotRecord {
  const snapshot = findSnapshot(context, params.required('SnapshotIdentifier'));
  const inUse = Object.values(context.store.state.clusters).some(
    ({ status, restoringFrom }) => status === 'creating' && restoringFrom === snapshot.identifier,
  );
  if (snapshot.status === 'available' && !inUse) return snapshot;
  const message = `Snapshot ${snapshot.identifier} is ${inUse ? 'being restored' : snapshot.status}.`;
  throw new AwsError('InvalidClusterSnapshotState', message);
}

function findSnapshot({ store }: RedshiftContext, identifier: string): SnapshotRecord {
  const snapshot = store.state.snapshots[identifier.toLowerCase()];
  if (snapshot !== undefined) return snapshot;
  throw new AwsError('ClusterSnapshotNotFound', `Snapshot ${identifier} not found.`, 404);
}
