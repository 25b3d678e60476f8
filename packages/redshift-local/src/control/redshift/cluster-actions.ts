import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import { pageOf } from '../aws/paging.js';
import type { QueryParams } from '../aws/query-params.js';
import type { ClusterRecord, ClusterStatus } from '../state/control-state.js';
import { readTags } from '../state/tags.js';
import { clusterXml } from './cluster-xml.js';
import { newCluster } from './create-cluster.js';
import { snapshotIdentifier } from './identifiers.js';
import { modifyCluster, modifyClusterRoles } from './modify-cluster.js';
import type { RedshiftContext } from './redshift-context.js';

/** The actions on clusters themselves. */
export function clusterActions(context: RedshiftContext): Record<string, QueryAction> {
  const { lifecycle } = context;
  const answer = (cluster: ClusterRecord) => ({ Cluster: clusterXml(context, cluster) });
  const inState = (params: QueryParams, ...allowed: ClusterStatus[]) => clusterInState(context, params, allowed);
  return {
    CreateCluster: async (params) => {
      const cluster = await newCluster(context, params);
      lifecycle.create(cluster);
      return answer(cluster);
    },
    DescribeClusters: (params) => describeClusters(context, params),
    PauseCluster: (params) => answer(lifecycle.pause(inState(params, 'available').identifier)),
    ResumeCluster: (params) => answer(lifecycle.resume(inState(params, 'paused').identifier)),
    RebootCluster: (params) => answer(lifecycle.reboot(inState(params, 'available', 'hardware-failure').identifier)),
    ModifyCluster: (params) => answer(modifyCluster(context, inState(params, 'available'), params)),
    ModifyClusterIamRoles: (params) =>
      answer(modifyClusterRoles(context, inState(params, 'available', 'modifying'), params)),
    DeleteCluster: (params) => answer(deleteCluster(context, params)),
  };
}

/** The cluster named by ClusterIdentifier. Throws ClusterNotFound, or InvalidClusterState when it is in none of the states. */
export function clusterInState(
  { lifecycle }: RedshiftContext,
  params: QueryParams,
  allowed: readonly ClusterStatus[],
): ClusterRecord {
  const cluster = lifecycle.find(params.required('ClusterIdentifier'));
  if (allowed.includes(cluster.status)) return cluster;
  throw new AwsError(
    'InvalidClusterState',
    `Cluster ${cluster.identifier} is ${cluster.status}; this action needs it to be ${allowed.join(' or ')}.`,
  );
}

function describeClusters(context: RedshiftContext, params: QueryParams) {
  const identifier = params.text('ClusterIdentifier');
  const [keys, values] = [params.list('TagKeys'), params.list('TagValues')];
  const clusters = identifier
    ? [context.lifecycle.find(identifier)]
    : Object.values(context.store.state.clusters).filter(({ tags }) => {
        const byKey = keys.length === 0 || keys.some((key) => Object.hasOwn(tags, key));
        return byKey && (values.length === 0 || Object.values(tags).some((value) => values.includes(value)));
      });
  const page = pageOf(clusters, params);
  return { Marker: page.marker, Clusters: { Cluster: page.items.map((cluster) => clusterXml(context, cluster)) } };
}

/** Redshift's own words: callers look for them to tell a busy cluster from one that is gone. */
const BUSY = 'There is an operation running on the Cluster. Please try to delete it at a later time.';

function deleteCluster(context: RedshiftContext, params: QueryParams): ClusterRecord {
  const { store, lifecycle } = context;
  const cluster = lifecycle.find(params.required('ClusterIdentifier'));
  const skip = params.flag('SkipFinalClusterSnapshot') ?? false;
  const wanted = params.text('FinalClusterSnapshotIdentifier');
  if (skip === (wanted !== undefined)) {
    const message = skip
      ? 'FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is true.'
      : 'FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  if (cluster.status !== 'available' && cluster.status !== 'hardware-failure')
    throw new AwsError('InvalidClusterState', BUSY);
  if (wanted === undefined) return lifecycle.delete(cluster.identifier);
  const snapshot = snapshotIdentifier(wanted);
  if (store.state.snapshots[snapshot] !== undefined) {
    throw new AwsError('ClusterSnapshotAlreadyExists', `A snapshot with the identifier ${snapshot} already exists.`);
  }
  store.state.snapshots[snapshot] = {
    identifier: snapshot,
    status: 'creating',
    createdAt: new Date().toISOString(),
    sizeBytes: 0,
    cluster,
    tags: readTags(params),
  };
  lifecycle.update(cluster.identifier, { finalSnapshot: snapshot });
  return lifecycle.delete(cluster.identifier);
}
