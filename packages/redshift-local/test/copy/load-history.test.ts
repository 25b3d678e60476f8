import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Settings } from '../../src/copy/s3-settings.js';
import { SqlEndpoint } from '../wire/fixture/sql-endpoint.js';

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

  it('tells of the administrator who ended the session of a load', async () => {
    const [loader, administrator] = await Promise.all([endpoint.connect(), endpoint.connect()]);
    const { pid } = (await loader.query('select pg_backend_pid() as pid')).rows[0];
    const loading = loader.query(COPY);
    const refused = assert.rejects(loading, { code: '57P01' });
    await s3.asked();
    await administrator.query('select pg_terminate_backend($1)', [pid]);
    await refused;
  });
});
