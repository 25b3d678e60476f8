import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Cluster,
  CreateClusterCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { type S3Proxy, startS3Proxy } from '../../faults/s3-proxy.js';
import { openSqlEndpoint } from '../../packages/redshift-local/src/control/cluster/sql-endpoint.js';
import { FaultBoard } from '../../packages/redshift-local/src/faults/fault-board.js';
import { parseRules } from '../../packages/redshift-local/src/faults/fault-rule.js';
import { REDSHIFT_FAULTS } from '../../packages/redshift-local/src/faults/redshift-faults.js';
import { connect } from '../../packages/redshift-local/test/control/fixture/connect.js';
import { KEYS, LocalPlane, REGION } from '../../packages/redshift-local/test/control/fixture/local-plane.js';
import { type S3Server, startVersitygw } from '../../packages/redshift-local/test/copy/fixture/versitygw.js';

const ADMIN = { username: 'admin', password: 'Sparkify2018' };
const ROWS = 60_000;
const DEADLINE_MS = 15_000;

describe('COPY under faults', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'copy-under-faults-'));
  const local = new LocalPlane();
  const board = new FaultBoard();
  const clients: pg.Client[] = [];
  let s3: S3Server;
  let proxy: S3Proxy;
  let watcher: pg.Client;
  let copy: string;

  before(async function () {
    this.timeout(60_000);
    s3 = await startVersitygw(folder, REGION);
    proxy = await startS3Proxy({ target: s3.endpoint });
    await putRows();
    const log = (line: string): void => void local.log.push(line);
    const openEndpoint = openSqlEndpoint({ host: '127.0.0.1', keys: KEYS, s3Endpoint: proxy.url, faults: board, log });
    await local.start({ faults: board, openEndpoint });
    await local.clients().redshift.send(
      new CreateClusterCommand({
        ClusterIdentifier: 'c',
        NodeType: 'ra3.large',
        MasterUsername: ADMIN.username,
        MasterUserPassword: ADMIN.password,
      }),
    );
    watcher = await session();
    const { accessKeyId, secretAccessKey } = s3.keys;
    copy = `copy t from 's3://source/rows' access_key_id '${accessKeyId}' secret_access_key '${secretAccessKey}' json 'auto'`;
  });
  after(async () => {
    await local.remove();
    await proxy?.close();
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    set();
    board.setQuota('c', null);
    proxy.clear();
    await watcher.query('drop table if exists t');
    await watcher.query('create table t (id int, filling varchar(200))');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)));
  });

  async function putRows(): Promise<void> {
    const client = new S3Client({ ...s3, forcePathStyle: true, credentials: s3.keys });
    const filling = 'x'.repeat(150);
    const body = Array.from({ length: ROWS }, (_, id) => `{"id":${id},"filling":"${filling}"}\n`).join('');
    await client.send(new CreateBucketCommand({ Bucket: 'source' }));
    await client.send(new PutObjectCommand({ Bucket: 'source', Key: 'rows.json', Body: body }));
    client.destroy();
  }

  async function session(): Promise<pg.Client> {
    const cluster: Cluster = await local.clusterIn('c', 'available');
    return connect(cluster, ADMIN, local.plane.caFile);
  }

  async function client(): Promise<{ client: pg.Client; pid: number }> {
    const opened = await session();
    clients.push(opened);
    const { rows } = await opened.query('select pg_backend_pid() as pid');
    return { client: opened, pid: Number(rows[0].pid) };
  }

  function set(...rules: unknown[]): void {
    board.setRules(parseRules(rules));
  }

  const failure = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'it succeeded',
      (error: pg.DatabaseError) => `${error.code} ${error.message}`,
    );

  async function count(): Promise<number> {
    return Number((await watcher.query('select count(*) as n from t')).rows[0].n);
  }

  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, `the condition was not met within ${DEADLINE_MS / 1000} s: ${condition}`);
      await delay(10);
    }
  }

  /** What the session is doing; undefined when it is gone. */
  async function stateOf(pid: number): Promise<string | undefined> {
    const { rows } = await watcher.query('select state from pg_stat_activity where pid = $1', [pid]);
    return rows[0]?.state;
  }

  async function lastLoad(): Promise<string> {
    const sql = 'select trim(status) as status from sys_load_history order by query_id desc limit 1';
    return (await watcher.query(sql)).rows[0]?.status;
  }

  const gone = (pid: number) => async (): Promise<boolean> => (await stateOf(pid)) === undefined;

  it('loses the answer of a COPY that has committed', async () => {
    set({ match: '^copy', action: 'dropAfter' });
    const { client: loader, pid } = await client();
    assert.match(await failure(loader.query(copy)), /^ECONNRESET/);
    await until(gone(pid));
    assert.equal(await count(), ROWS);
  });

  it('ends a COPY whose client was cut off, with nothing loaded and no lock held', async () => {
    proxy.setRules([{ action: 'slow', bytesPerSecond: 2_000_000, keyPattern: 'rows' }]);
    set({ match: '^copy', action: 'dropDuring', afterMs: 200 });
    const { client: loader, pid } = await client();
    await loader.query('begin');
    assert.match(await failure(loader.query(copy)), /^ECONNRESET/);
    await until(gone(pid));
    assert.equal(await count(), 0);
    await watcher.query('begin; lock t; commit');
  });

  it('lets a COPY go on that nobody waits for any more, and its session stay until it is terminated', async () => {
    proxy.setRules([{ action: 'hold', keyPattern: 'rows', method: 'GET', listing: false }]);
    set({ match: '^copy', action: 'dropDuring', afterMs: 50, keepBackend: true });
    const { client: loader, pid } = await client();
    await loader.query('begin');
    assert.match(await failure(loader.query(copy)), /^ECONNRESET/);
    await until(() => proxy.held === 1);
    assert.notEqual(await stateOf(pid), undefined);
    proxy.release();
    await until(async () => (await lastLoad()) === 'completed');
    await until(async () => (await stateOf(pid)) === 'idle in transaction');
    await watcher.query('select pg_terminate_backend($1::int)', [pid]);
    await until(gone(pid));
    assert.equal(await count(), 0);
  });

  it('commits a COPY of its own transaction although nobody waits for it any more', async () => {
    proxy.setRules([{ action: 'hold', keyPattern: 'rows', method: 'GET', listing: false }]);
    set({ match: '^copy', action: 'dropDuring', afterMs: 50, keepBackend: true });
    const { client: loader } = await client();
    assert.match(await failure(loader.query(copy)), /^ECONNRESET/);
    await until(() => proxy.held === 1);
    proxy.release();
    await until(async () => (await count()) === ROWS);
  });

  it('ends the session of a COPY with 57P01 when it is terminated', async () => {
    proxy.setRules([{ action: 'slow', bytesPerSecond: 2_000_000, keyPattern: 'rows' }]);
    set({ match: '^copy', action: 'terminate', afterMs: 100 });
    const { client: loader, pid } = await client();
    assert.equal(await failure(loader.query(copy)), '57P01 terminating connection due to administrator command');
    await until(gone(pid));
    assert.equal(await count(), 0);
  });

  it('fails a COPY with an error of S3 on its first tries, and its transaction with it', async () => {
    set({ match: '^copy', times: 2, ...REDSHIFT_FAULTS.slowDown });
    const { client: loader } = await client();
    for (let at = 0; at < 2; at++) {
      await loader.query('begin');
      assert.match(await failure(loader.query(copy)), /^XX000 S3ServiceException:Please reduce your request rate\./);
      assert.match(await failure(loader.query('select 1')), /^25P02/);
      await loader.query('rollback');
    }
    await loader.query(copy);
    assert.equal(await count(), ROWS);
  });

  it('fills the disk while rows come in: nothing of the transaction stays, and a raised limit heals', async () => {
    const { client: loader } = await client();
    const used = Number(
      (await watcher.query("select sum(pg_database_size(datname)) as n from pg_database where datname = 'dev'")).rows[0]
        .n,
    );
    board.setQuota('c', used + 3_000_000);
    await loader.query('begin');
    await loader.query("insert into t values (-1, '')");
    assert.equal(await failure(loader.query(copy)), 'XX000 Disk Full');
    await loader.query('rollback');
    assert.equal(await count(), 0);
    board.setQuota('c', used + 100_000_000);
    await loader.query(copy);
    assert.equal(await count(), ROWS);
  });

  it('refuses the session of a role that has expired, until it is renewed', async () => {
    const { client: loader } = await client();
    board.credentialsExpired = true;
    try {
      assert.match(
        await failure(loader.query("copy t from 's3://source/rows' iam_role default json 'auto'")),
        /^XX000 S3ServiceException:The provided token has expired\.,Status 400,Error ExpiredToken,/,
      );
    } finally {
      board.credentialsExpired = false;
    }
  });

  it('pauses a cluster in the midst of a COPY, whose session ends, and serves again once resumed', async () => {
    proxy.setRules([{ action: 'hold', keyPattern: 'rows', method: 'GET', listing: false }]);
    const { redshift } = local.clients();
    const { client: loader } = await client();
    await loader.query('begin');
    const lost = failure(loader.query(copy));
    await until(() => proxy.held === 1);
    await redshift.send(new PauseClusterCommand({ ClusterIdentifier: 'c' }));
    assert.match(await lost, /^(?:ECONNRESET|57P01|08006|undefined Connection terminated)/);
    await local.clusterIn('c', 'paused');
    assert.equal(proxy.held, 0);
    await redshift.send(new ResumeClusterCommand({ ClusterIdentifier: 'c' }));
    watcher = await session();
    assert.equal(await count(), 0);
    proxy.clear();
    await watcher.query(copy);
    assert.equal(await count(), ROWS);
    await watcher.end();
  });
});
