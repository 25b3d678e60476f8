import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Settings } from '../../src/copy/s3-settings.js';
import { SqlEndpoint } from '../wire/fixture/sql-endpoint.js';
import { BUCKET, copyFixture, ROLE } from './fixture/copy-fixture.js';

const COPY = "copy loads from 's3://silent/data/' iam_role default json 'auto'";

/** Takes connections as an S3 does, and never answers. */
class SilentS3 {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
  });

  async start(): Promise<S3Settings> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return {
      endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      authorize: async () => ({ accessKeyId: 'unused', secretAccessKey: 'unused' }),
    };
  }

  /** Resolves when a COPY waits for an answer. */
  async asked(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (this.#sockets.size === 0) {
      assert.ok(Date.now() < deadline, 'nobody asked the S3 server');
      await delay(10);
    }
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe('the history of loads', () => {
  const s3 = new SilentS3();
  const log: string[] = [];
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start({ s3: await s3.start(), log: (line) => void log.push(line) });
  });
  after(async () => {
    await endpoint.stop();
    s3.stop();
  });

  async function statuses(): Promise<unknown[]> {
    const client = await endpoint.connect();
    const { rows } = await client.query(
      'select status, end_time is null as open from sys_load_history order by query_id',
    );
    await client.end();
    return rows;
  }

  it('shows a load as aborted that ran when the endpoint was closed', async () => {
    const client = await endpoint.connect();
    await client.query('create table loads (n int)');
    const loading = client.query(COPY).catch(() => undefined);
    await s3.asked();
    await endpoint.restart();
    await loading;
    assert.deepEqual(await statuses(), [{ status: 'aborted', open: false }]);
    assert.deepEqual(
      log.filter((line) => /pool|not kept|still running/.test(line)),
      [],
    );
  });

  it('shows a load as aborted that nobody was left to end', async () => {
    const inside = await endpoint.engine.connect('dev');
    const { rows } = await inside.query(`
      insert into redshift_local.load_history (user_id, query_id, session_id, status, start_time)
      select user_id, query_id + 1, pg_backend_pid(), 'running', start_time from redshift_local.load_history returning query_id`);
    assert.equal(rows.length, 1);
    await endpoint.restart();
    assert.deepEqual(await statuses(), [
      { status: 'aborted', open: false },
      { status: 'aborted', open: false },
    ]);
    await inside.end();
  });
});

describe('a load whose session is terminated', () => {
  it('tells of the administrator who did it, in the midst of its rows', async () => {
    const fixture = await copyFixture();
    await fixture.put('terminated/data.json', `${JSON.stringify({ n: 1, s: 'x'.repeat(900) })}\n`.repeat(60_000));
    const [loader, administrator] = await Promise.all([fixture.endpoint.connect(), fixture.endpoint.connect()]);
    await administrator.query('create table terminated (n int, s varchar(1000))');
    const { pid } = (await loader.query('select pg_backend_pid() as pid')).rows[0];
    const refused = assert.rejects(
      loader.query(`copy terminated from 's3://${BUCKET}/terminated/' ${ROLE} json 'auto'`),
      { code: '57P01' },
    );
    const deadline = Date.now() + 10_000;
    for (;;) {
      const { rows } = await fixture.admin.query(
        'select pg_terminate_backend(pid) as ended from pg_stat_progress_copy where pid = $1 and tuples_processed > 0',
        [pid],
      );
      if (rows[0]?.ended === true) break;
      assert.ok(Date.now() < deadline, 'the load never began');
    }
    await refused;
    let status = '';
    while (status !== 'aborted') {
      assert.ok(Date.now() < deadline, `the load is still ${status}`);
      const sql = "select status from sys_load_history where trim(table_name) = 'terminated'";
      status = (await administrator.query(sql)).rows[0]?.status;
    }
    await administrator.query('drop table terminated');
  });
});
