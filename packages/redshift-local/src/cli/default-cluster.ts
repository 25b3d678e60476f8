import { QueryParams } from '../control/aws/query-params.js';
import { newCluster } from '../control/redshift/create-cluster.js';
import type { RedshiftContext } from '../control/redshift/redshift-context.js';
import { arnOf } from '../control/state/account.js';
import type { ClusterRecord } from '../control/state/control-state.js';
import { record } from '../control/state/record.js';

/** The cluster that a first start creates. */
export const DEFAULT_CLUSTER = 'redshift-local';

/** Its default role: it may read and write every bucket, as one's own account on a laptop may. */
const DEFAULT_ROLE = 'redshift-local-s3';

const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** Creates the default cluster and its role unless they exist, and waits until it is available. Throws when it does not start. */
export async function ensureDefaultCluster(context: RedshiftContext): Promise<ClusterRecord> {
  const { store, account, lifecycle } = context;
  if (store.state.clusters[DEFAULT_CLUSTER] === undefined) {
    enterDefaultRole(context);
    const roleArn = arnOf.role(account, '/', DEFAULT_ROLE);
    const params = new URLSearchParams({
      ClusterIdentifier: DEFAULT_CLUSTER,
      NodeType: 'ra3.large',
      ClusterType: 'single-node',
      MasterUsername: 'admin',
      ManageMasterPassword: 'true',
      'IamRoles.IamRoleArn.1': roleArn,
      DefaultIamRoleArn: roleArn,
    });
    lifecycle.create(await newCluster(context, QueryParams.parse(params)), 0);
  } else if (lifecycle.find(DEFAULT_CLUSTER).status === 'paused') {
    lifecycle.resume(DEFAULT_CLUSTER);
  }
  await lifecycle.settled(DEFAULT_CLUSTER);
  const cluster = lifecycle.find(DEFAULT_CLUSTER);
  if (cluster.status !== 'available')
    throw new Error(`The cluster ${DEFAULT_CLUSTER} did not start: it is ${cluster.status}.`);
  return cluster;
}

function enterDefaultRole({ store }: RedshiftContext): void {
  store.state.roles[DEFAULT_ROLE] ??= {
    name: DEFAULT_ROLE,
    path: '/',
    id: 'AROALOCALDEFAULTROLE0',
    createdAt: new Date().toISOString(),
    trustPolicy: TRUST_POLICY,
    maxSessionSeconds: 3600,
    inlinePolicies: record(),
    attachedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3FullAccess'],
    tags: record(),
  };
}
