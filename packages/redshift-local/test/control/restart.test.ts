import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { CreateClusterCommand, DeleteClusterCommand, PauseClusterCommand } from '@aws-sdk/client-redshift';
import { connect } from './fixture/connect.js';
import { LocalPlane } from './fixture/local-plane.js';

const PASSWORD = 'Sparkify2018';
const NEW = { NodeType: 'ra3.large', MasterUsername: 'admin', MasterUserPassword: PASSWORD };

describe('a restart of redshift-local', () => {
  const local = new LocalPlane();

  before(() => local.start());
  after(() => local.remove());

  async function query(identifier: string, sql: string): Promise<unknown[]> {
    const cluster = await local.clusterIn(identifier, 'available');
    const client = await connect(cluster, { username: 'admin', password: PASSWORD }, local.plane.caFile);
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('brings back available clusters on their ports with their data, and leaves paused ones paused', async () => {
    const { redshift } = local.clients();
    await redshift.send(new CreateClusterCommand({ ClusterIdentifier: 'kept', ...NEW }));
    await redshift.send(new CreateClusterCommand({ ClusterIdentifier: 'resting', ...NEW }));
    await query('kept', 'create table t as select 7 as n');
    await local.clusterIn('resting', 'available');
    await redshift.send(new PauseClusterCommand({ ClusterIdentifier: 'resting' }));
    await local.clusterIn('resting', 'paused');
    const port = (await local.clusterIn('kept', 'available')).Endpoint?.Port;
    await local.stop();
    await local.start();
    assert.deepEqual(await query('kept', 'select n from t'), [{ n: 7 }]);
    assert.equal((await local.clusterIn('kept', 'available')).Endpoint?.Port, port);
    assert.equal((await local.clusterIn('resting', 'paused')).ClusterStatus, 'paused');
  });

  it('never writes an admin password that is not managed, and keeps its file from other users', () => {
    const file = path.join(local.stateDir, 'state.json');
    assert.doesNotMatch(readFileSync(file, 'utf8'), new RegExp(PASSWORD));
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('moves a cluster to another port when somebody has taken its own', async () => {
    const port = (await local.clusterIn('kept', 'available')).Endpoint?.Port ?? 0;
    await local.stop();
    const squatter = createServer().listen(port, '127.0.0.1');
    try {
      await local.start();
      assert.deepEqual(await query('kept', 'select n from t'), [{ n: 7 }]);
      assert.notEqual((await local.clusterIn('kept', 'available')).Endpoint?.Port, port);
      assert.ok(local.log.some((line) => line.includes(`port ${port} is taken`)));
    } finally {
      squatter.close();
    }
  });

  it('finishes a creation and a deletion that were under way', async () => {
    await local.stop();
    await local.start({ delayFactor: 100 });
    const { redshift } = local.clients();
    await redshift.send(new CreateClusterCommand({ ClusterIdentifier: 'begun', ...NEW }));
    await redshift.send(
      new DeleteClusterCommand({ ClusterIdentifier: 'kept', FinalClusterSnapshotIdentifier: 'last' }),
    );
    await local.stop();
    await local.start();
    assert.deepEqual(await query('begun', 'select 1 as n'), [{ n: 1 }]);
    await local.clusterGone('kept');
  });

  it('refuses a state file of another version', async () => {
    await local.stop();
    const file = path.join(local.stateDir, 'state.json');
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, '{"version":99}');
    await assert.rejects(local.start(), { name: 'SetupError', message: /another version.*--state/ });
    writeFileSync(file, kept);
  });
});
