import assert from 'node:assert/strict';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterSnapshotsCommand,
  PauseClusterCommand,
  RebootClusterCommand,
  RestoreFromClusterSnapshotCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { connect } from './fixture/connect.js';
import { LocalPlane } from './fixture/local-plane.js';

const ID = { ClusterIdentifier: 'sparkify' };

describe('the life of a cluster', () => {
  const local = new LocalPlane();

  before(() => local.start({ delayFactor: 0.1 }));
  after(() => local.remove());

  it('creates an endpoint that the password in the managed secret opens, TLS verified', async () => {
    const { redshift, secrets } = local.clients();
    const create = { ...ID, NodeType: 'ra3.large', MasterUsername: 'admin', ManageMasterPassword: true };
    const { Cluster: creating } = await redshift.send(new CreateClusterCommand(create));
    assert.deepEqual([creating?.ClusterStatus, creating?.Endpoint], ['creating', undefined]);
    const cluster = await local.clusterIn('sparkify', 'available');
    assert.equal(cluster.ClusterAvailabilityStatus, 'Available');
    const secret = await secrets.send(new DescribeSecretCommand({ SecretId: cluster.MasterPasswordSecretArn }));
    assert.deepEqual([secret.Name, secret.OwningService], ['redshift!sparkify-admin', 'redshift']);
    const client = await connect(cluster, await local.adminOf(cluster), local.plane.caFile);
    await client.query('create table kept (n int)');
    await client.query('insert into kept values (1), (2)');
    await client.end();
  });

  it('refuses the connection while paused, and has the data and port of before when resumed', async () => {
    const { redshift } = local.clients();
    const before = await local.clusterIn('sparkify', 'available');
    const seen: string[] = [];
    await redshift.send(new PauseClusterCommand(ID));
    const paused = await local.clusterIn('sparkify', 'paused', seen);
    assert.deepEqual(seen, ['pausing', 'paused']);
    assert.equal(paused.ClusterAvailabilityStatus, 'Paused');
    const admin = await local.adminOf(paused);
    await assert.rejects(connect(paused, admin, local.plane.caFile), { code: 'ECONNREFUSED' });
    await redshift.send(new ResumeClusterCommand(ID));
    const resumed = await local.clusterIn('sparkify', 'available');
    assert.equal(resumed.Endpoint?.Port, before.Endpoint?.Port);
    const client = await connect(resumed, admin, local.plane.caFile);
    assert.deepEqual((await client.query('select count(*)::int as n from kept')).rows, [{ n: 2 }]);
    await client.end();
  });

  it('ends connections when it reboots, and comes back', async () => {
    const { redshift } = local.clients();
    const cluster = await local.clusterIn('sparkify', 'available');
    const admin = await local.adminOf(cluster);
    const client = await connect(cluster, admin, local.plane.caFile);
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await redshift.send(new RebootClusterCommand(ID));
    await ended;
    const again = await connect(await local.clusterIn('sparkify', 'available'), admin, local.plane.caFile);
    await again.end();
  });

  it('refuses to delete a paused cluster, in the words callers look for', async () => {
    const { redshift } = local.clients();
    await redshift.send(new PauseClusterCommand(ID));
    const remove = new DeleteClusterCommand({ ...ID, SkipFinalClusterSnapshot: true });
    const busy = {
      name: 'InvalidClusterStateFault',
      message: 'There is an operation running on the Cluster. Please try to delete it at a later time.',
    };
    await assert.rejects(redshift.send(remove), busy);
    await local.clusterIn('sparkify', 'paused');
    await assert.rejects(redshift.send(remove), busy);
    await assert.rejects(redshift.send(new PauseClusterCommand(ID)), { name: 'InvalidClusterStateFault' });
    await redshift.send(new ResumeClusterCommand(ID));
    await local.clusterIn('sparkify', 'available');
  });

  it('deletes with a final snapshot and restores the data from it under another name', async () => {
    const { redshift, secrets } = local.clients();
    const cluster = await local.clusterIn('sparkify', 'available');
    await redshift.send(new DeleteClusterCommand({ ...ID, FinalClusterSnapshotIdentifier: 'sparkify-final' }));
    await local.clusterGone('sparkify');
    const gone = secrets.send(new DescribeSecretCommand({ SecretId: cluster.MasterPasswordSecretArn }));
    await assert.rejects(gone, { name: 'ResourceNotFoundException' });
    const { Snapshots } = await redshift.send(new DescribeClusterSnapshotsCommand(ID));
    assert.deepEqual(
      Snapshots?.map(({ SnapshotIdentifier, Status, SnapshotType }) => [SnapshotIdentifier, Status, SnapshotType]),
      [['sparkify-final', 'available', 'manual']],
    );
    const restore = { ClusterIdentifier: 'again', SnapshotIdentifier: 'sparkify-final', ManageMasterPassword: true };
    await redshift.send(new RestoreFromClusterSnapshotCommand(restore));
    const restored = await local.clusterIn('again', 'available');
    const client = await connect(restored, await local.adminOf(restored), local.plane.caFile);
    assert.deepEqual((await client.query('select count(*)::int as n from kept')).rows, [{ n: 2 }]);
    await client.end();
    await redshift.send(new DeleteClusterCommand({ ClusterIdentifier: 'again', SkipFinalClusterSnapshot: true }));
    await local.clusterGone('again');
  });
});
