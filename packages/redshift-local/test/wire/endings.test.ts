import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type pg from 'pg';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

const DEADLINE_MS = 10_000;
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Polls until the query gives a first value that is true. */
async function until(client: pg.Client, sql: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    if (rows[0]?.[0] === true) return;
    assert.ok(Date.now() < deadline, `still not true: ${sql}`);
    await delay(20);
  }
}

function streamOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

describe('the end of a connection', () => {
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start();
  });
  after(() => endpoint.stop());

  it('ends the server session of a client that had stopped reading', async () => {
    const [slow, watcher] = await Promise.all([endpoint.connect(), endpoint.connect()]);
    await watcher.query("create table wide as select repeat('x', 900) as s from generate_series(1, 60000)");
    const { pid } = (await slow.query('select pg_backend_pid() as pid')).rows[0];
    slow.query('select * from wide').catch(() => undefined);
    streamOf(slow).pause();
    await until(watcher, `select count(*) = 1 from pg_stat_activity where pid = ${pid} and wait_event = 'ClientWrite'`);
    streamOf(slow).destroy();
    await until(watcher, `select count(*) = 0 from pg_stat_activity where pid = ${pid}`);
    await watcher.query('drop table wide');
  });

  it('answers what is no startup packet inside TLS', async () => {
    const socket = connectTcp(endpoint.face.port, '127.0.0.1');
    socket.write(SSL_REQUEST);
    assert.deepEqual((await once(socket, 'data'))[0], Buffer.from('S'));
    const secure = connectTls({ socket, ca: endpoint.ca, servername: 'localhost' });
    await once(secure, 'secureConnect');
    secure.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    const chunks: Buffer[] = [];
    secure.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(secure, 'end');
    assert.match(Buffer.concat(chunks).toString(), /^E.*SFATAL\0VFATAL\0C08P01\0Minvalid length of startup packet\0/s);
    secure.destroy();
  });

  for (const database of ['template0', 'template1', 'postgres']) {
    it(`does not know the database ${database}`, async () => {
      await assert.rejects(endpoint.connect({ database }), {
        code: '3D000',
        message: `database "${database}" does not exist`,
      });
    });
  }

  it('lets go of a database that its last client has left, so that it can be renamed', async () => {
    const client = await endpoint.connect();
    await client.query('create database leaving');
    const inside = await endpoint.connect({ database: 'leaving' });
    await inside.query('select count(*) from sys_query_history');
    await inside.end();
    await until(client, "select count(*) = 0 from pg_stat_activity where datname = 'leaving'");
    await client.query('alter database leaving rename to gone');
    await client.query('drop database gone');
  });
});
