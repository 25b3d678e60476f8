import assert from 'node:assert/strict';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import {
  type Cluster,
  CreateClusterCommand,
  DescribeClustersCommand,
  GetClusterCredentialsWithIAMCommand,
} from '@aws-sdk/client-redshift';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { openSqlEndpoint } from '../../src/control/cluster/sql-endpoint.js';
import { FaultBoard } from '../../src/faults/fault-board.js';
import { connect } from '../control/fixture/connect.js';
import { KEYS, LocalPlane } from '../control/fixture/local-plane.js';

const ADMIN = { username: 'admin', password: 'Sparkify2018' };

describe('the resource /faults', () => {
  const local = new LocalPlane();
  let cluster: Cluster;

  before(async () => {
    const faults = new FaultBoard();
    const log = (line: string): void => void local.log.push(line);
    await local.start({
      faults,
      openEndpoint: openSqlEndpoint({ host: '127.0.0.1', keys: KEYS, s3Endpoint: 'http://127.0.0.1:9', faults, log }),
    });
    await local.clients().redshift.send(
      new CreateClusterCommand({
        ClusterIdentifier: 'faulty',
        NodeType: 'ra3.large',
        MasterUsername: ADMIN.username,
        MasterUserPassword: ADMIN.password,
      }),
    );
    cluster = await local.clusterIn('faulty', 'available');
  });
  after(() => local.remove());
  afterEach(async () => {
    await ask('DELETE', '/faults');
    await ask('PUT', '/faults/credentials', { expired: false });
    await ask('PUT', '/faults/quota', { cluster: 'faulty', bytes: null });
  });

  async function ask(method: string, path: string, body?: unknown): Promise<[number, unknown]> {
    const response = await fetch(`http://127.0.0.1:${local.plane.port}${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return [response.status, await response.json()];
  }

  const failure = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'it succeeded',
      (error: Error & { code?: string }) => error.code ?? error.name,
    );

  it('sets rules, which strike the statements of a cluster, counts them, and removes them', async () => {
    const rule = { match: 'select 42', action: 'error', sqlstate: '53200', message: 'out of memory' };
    const counted = { skip: 0, times: 1, ...rule, id: 'rule-1' };
    assert.deepEqual(await ask('PUT', '/faults', [rule]), [200, [{ ...counted, matched: 0, fired: 0 }]]);
    const client = await connect(cluster, ADMIN, local.plane.caFile);
    try {
      assert.equal(await failure(client.query('select 42')), '53200');
      assert.equal(await failure(client.query('select 42')), 'it succeeded');
    } finally {
      await client.end();
    }
    assert.deepEqual(await ask('GET', '/faults'), [200, [{ ...counted, matched: 2, fired: 1 }]]);
    assert.deepEqual(await ask('DELETE', '/faults'), [200, []]);
    assert.deepEqual(await ask('GET', '/faults'), [200, []]);
  });

  it('refuses what it does not understand with every mistake, and keeps what was set', async () => {
    const kept = { id: 'kept', match: 'x', action: 'dropBefore' };
    await ask('PUT', '/faults', [kept]);
    const wrong = [
      { match: 'a', action: 'dropDuring', afterMS: 5 },
      { match: '(', action: 'delay', ms: -1, times: 0 },
      { match: 'a', action: 'explode' },
      { id: 'kept', match: 'a', action: 'error', sqlstate: 'nope', message: 'm' },
    ];
    assert.deepEqual(await ask('PUT', '/faults', wrong), [
      400,
      {
        error: [
          'rules[0] has an unknown field "afterMS"',
          'rules[0].afterMs is missing',
          'rules[1].match is no regular expression: Invalid regular expression: /(/: Unterminated group',
          'rules[1].times must be a whole number from 1',
          'rules[1].ms must be a whole number from 0 to 3600000',
          'rules[2].action must be one of error, dropBefore, dropAfter, dropDuring, delay, terminate',
          'rules[3].sqlstate must be five digits or capital letters',
        ].join('; '),
      },
    ]);
    assert.match(JSON.stringify(await ask('PUT', '/faults', '[{]')), /the body is no JSON/);
    assert.deepEqual(await ask('PUT', '/faults/credentials', { expired: 'yes' }), [
      400,
      { error: 'credentials.expired must be true or false' },
    ]);
    assert.deepEqual(await ask('PUT', '/faults/quota', { cluster: 'other', bytes: 1 }), [
      400,
      { error: 'quota.cluster: there is no cluster "other"' },
    ]);
    assert.equal((await ask('POST', '/faults', []))[0], 405);
    assert.equal((await ask('GET', '/faults/none'))[0], 404);
    assert.deepEqual(await ask('GET', '/faults'), [200, [{ skip: 0, times: 1, ...kept, matched: 0, fired: 0 }]]);
  });

  it('lets credentials expire for every service in its own words, and for the logins they gave', async () => {
    const { redshift, iam, ec2, sts, secrets } = local.clients();
    const login = await redshift.send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'faulty' }));
    await ask('PUT', '/faults/credentials', { expired: true });
    assert.deepEqual(
      await Promise.all([
        failure(redshift.send(new DescribeClustersCommand({}))),
        failure(iam.send(new GetRoleCommand({ RoleName: 'r' }))),
        failure(sts.send(new GetCallerIdentityCommand({}))),
        failure(ec2.send(new DescribeSecurityGroupsCommand({}))),
        failure(secrets.send(new ListSecretsCommand({}))),
      ]),
      ['ExpiredToken', 'ExpiredToken', 'ExpiredToken', 'RequestExpired', 'ExpiredTokenException'],
    );
    const temporary = { username: login.DbUser ?? '', password: login.DbPassword ?? '' };
    assert.equal(await failure(connect(cluster, temporary, local.plane.caFile)), '28000');
    await (await connect(cluster, ADMIN, local.plane.caFile)).end();
    await ask('PUT', '/faults/credentials', { expired: false });
    await (await connect(cluster, temporary, local.plane.caFile)).end();
    await redshift.send(new DescribeClustersCommand({}));
  });

  it('limits the disk: what writes fails as on a full one, inside its transaction, until the limit is raised', async () => {
    const client = await connect(cluster, ADMIN, local.plane.caFile);
    try {
      await client.query('create table filled (n int)');
      await client.query('begin');
      await client.query('insert into filled values (1)');
      await ask('PUT', '/faults/quota', { cluster: 'faulty', bytes: 1_000_000 });
      const refused: unknown[] = [];
      for (const sql of [
        'insert into filled values (2)',
        'update filled set n = 3',
        'create table copied as select 1 as n',
      ]) {
        await client.query('rollback; begin');
        refused.push(await client.query(sql).catch((error: Error) => error.message));
      }
      assert.deepEqual(refused, ['Disk Full', 'Disk Full', 'Disk Full']);
      await client.query('rollback');
      await client.query('delete from filled');
      assert.deepEqual((await client.query('select count(*)::int as n from filled')).rows, [{ n: 0 }]);
      await ask('PUT', '/faults/quota', { cluster: 'faulty', bytes: 1_000_000_000 });
      await client.query('insert into filled values (4)');
    } finally {
      await client.end();
    }
  });

  it('is not there without the option', async () => {
    await local.stop();
    await local.start();
    for (const method of ['GET', 'PUT', 'DELETE']) assert.equal((await ask(method, '/faults'))[0], 404);
  });
});
