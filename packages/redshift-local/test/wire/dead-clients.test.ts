import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

const DEADLINE_MS = 10_000;
const MANIFEST = JSON.stringify({ entries: [{ url: 's3://music/rows.json', mandatory: true }] });
const COPY = `copy loaded from 's3://music/load.manifest' iam_role default manifest format as json 'auto' maxerror 0`;

/** An S3 that gives a manifest, and of the file it names no more than its first row. */
async function startStuckS3(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.includes('load.manifest')) response.end(MANIFEST);
    else {
      response.writeHead(200, { 'content-length': '4000000', etag: '"1"' });
      response.write('{"a": 1}\n');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

interface RawConnection {
  readonly stream: Socket;
  query(text: string): void;
  end(): void;
}

function connectionOf(client: pg.Client): RawConnection {
  return (client as unknown as { connection: RawConnection }).connection;
}

describe('statements and their clients', () => {
  let s3: Server;
  let endpoint: SqlEndpoint;
  let watcher: pg.Client;

  before(async () => {
    s3 = await startStuckS3();
    endpoint = await SqlEndpoint.start({
      s3: {
        endpoint: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
        region: 'us-east-1',
        forcePathStyle: true,
        authorize: async () => ({ accessKeyId: 'any', secretAccessKey: 'any' }),
      },
    });
    watcher = await endpoint.connect();
    await watcher.query('create table loaded (a int)');
  });
  after(async () => {
    await endpoint.stop();
    s3.closeAllConnections();
    s3.close();
  });

  async function values(sql: string): Promise<readonly unknown[][]> {
    return (await watcher.query({ text: sql, rowMode: 'array' })).rows;
  }

  async function until(sql: string): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while ((await values(sql))[0]?.[0] !== true) {
      assert.ok(performance.now() < deadline, `still not true: ${sql}`);
      await delay(20);
    }
  }

  async function connectLabelled(label: string): Promise<{ client: pg.Client; pid: number }> {
    const client = await endpoint.connect();
    await client.query(`set query_group to '${label}'`);
    return { client, pid: Number((await client.query('select pg_backend_pid() as pid')).rows[0].pid) };
  }

  const isGone = (pid: number): string => `select count(*) = 0 from pg_stat_activity where pid = ${pid}`;
  const holdsNoLock = (pid: number): string => `select count(*) = 0 from svv_transactions where pid = ${pid}`;
  /** What the client is told stands in the test; a connection without a listener would end the process. */
  const ended = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  async function startCopy(label: string) {
    const { client, pid } = await connectLabelled(label);
    await client.query('begin');
    const outcome = ended(client.query(COPY));
    await until(`select count(*) = 1 from stv_inflight where label = '${label}' and pid = ${pid}`);
    return { client, pid, outcome };
  }

  it('show a COPY that waits for S3 with its label, its session and its lock', async () => {
    const { pid, outcome } = await startCopy('copy one');
    assert.deepEqual(
      await values(`select status, query_type, session_id from sys_query_history
        where query_label = 'copy one' and status = 'running'`),
      [['running', 'COPY', pid]],
    );
    await until(`select count(*) > 0 from svv_transactions
      where pid = ${pid} and granted and relation = 'loaded'::regclass::oid::integer`);
    await watcher.query(`select pg_terminate_backend(${pid})`);
    await outcome;
  });

  it('let pg_terminate_backend end a COPY that waits for S3, with its locks and its place in the history', async () => {
    const { pid, outcome } = await startCopy('copy two');
    await watcher.query(`select pg_terminate_backend(${pid})`);
    assert.ok((await outcome) instanceof Error);
    await until(isGone(pid));
    await until(holdsNoLock(pid));
    await until(`select count(*) = 0 from stv_inflight where pid = ${pid}`);
    await until(`select count(*) = 1 from sys_query_history
      where query_label = 'copy two' and query_type = 'COPY' and status = 'canceled'`);
    await watcher.query('set statement_timeout to 5000; begin; lock loaded; commit; set statement_timeout to 0');
  });

  it('end a COPY whose client is gone', async () => {
    const { client, pid } = await startCopy('copy three');
    connectionOf(client).stream.destroy();
    await until(isGone(pid));
    await until(holdsNoLock(pid));
  });

  it('end what the server computes for a client that is gone, without waiting for the result', async () => {
    const { client, pid } = await connectLabelled('computing');
    ended(client.query('begin; lock loaded; select pg_sleep(600)'));
    await until(`select count(*) = 1 from stv_inflight where pid = ${pid}`);
    connectionOf(client).stream.destroy();
    await until(isGone(pid));
    await until(holdsNoLock(pid));
  });

  it('let a statement end whose client has said good-bye behind it', async () => {
    const { client, pid } = await connectLabelled('farewell');
    connectionOf(client).query('select pg_sleep(0.3); insert into loaded values (42)');
    connectionOf(client).end();
    await until(isGone(pid));
    assert.deepEqual(await values('select a from loaded'), [[42]]);
    await watcher.query('delete from loaded');
  });

  it('tell what a session that sits in a transaction has run last, and since when', async () => {
    const { client, pid } = await connectLabelled('idle');
    await client.query('begin');
    await client.query('insert into loaded values (1)');
    assert.deepEqual(
      await values(`select count(distinct t.pid) from svv_transactions t join sys_query_history h on h.session_id = t.pid
        where t.pid = ${pid} and h.query_label = 'idle' and h.start_time >= t.txn_start - interval '1 second'`),
      [['1']],
    );
    assert.deepEqual(
      await values(`select type, pid, text from svl_statementtext where label = 'idle' and text like 'insert%'`),
      [['QUERY', pid, 'insert into loaded values (1)']],
    );
    await client.query('rollback');
  });
});
