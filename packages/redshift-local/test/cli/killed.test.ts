import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { findFreePort } from '../../src/engine/free-port.js';
import { ProgramRun } from './fixture.js';

describe('redshift-local that is killed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'redshift-local-killed-'));
  // Root runs PostgreSQL as another account, which has to pass through.
  chmodSync(folder, 0o711);
  let flags: string[];
  let running: ProgramRun | undefined;

  before(async () => {
    const [port, control] = [await findFreePort('127.0.0.1'), await findFreePort('127.0.0.1')];
    flags = [
      '--state',
      path.join(folder, 'state'),
      '--port',
      String(port),
      '--control-port',
      String(control),
      '--faults',
    ];
  });
  after(async () => {
    running?.child.kill('SIGTERM');
    await running?.exit();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<{ dsn: string; controlUrl: string }> {
    running = new ProgramRun(flags);
    const [dsn] = await running.printed(/postgresql:\/\/\S+/);
    const [, controlUrl = ''] = await running.printed(/AWS_ENDPOINT_URL_REDSHIFT=(\S+)\n/);
    return { dsn, controlUrl };
  }

  async function connect(dsn: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: dsn });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  it('comes back on the same ports with every committed row and no open transaction, again and again', async () => {
    for (let round = 1; round <= 2; round++) {
      const { dsn } = await start();
      const client = await connect(dsn);
      await client.query('create table if not exists rounds (n int)');
      assert.deepEqual((await client.query('select count(*)::int as n from rounds')).rows, [{ n: (round - 1) * 2 }]);
      for (let at = 0; at < 2; at++) await client.query(`insert into rounds values (${round})`);
      const open = await connect(dsn);
      await open.query('begin');
      await open.query('insert into rounds values (-1)');
      const busy = client.query('select count(*) from rounds, pg_sleep(60)').catch(() => 'lost');
      running?.child.kill('SIGKILL');
      await running?.exit();
      assert.equal(await busy, 'lost');
    }
    const { dsn } = await start();
    const client = await connect(dsn);
    const { rows } = await client.query('select count(*)::int as rows from rounds');
    assert.equal(rows[0].rows, 4);
    await client.query('begin; lock rounds; commit');
    await client.end();
  });

  it('has forgotten its faults', async () => {
    const ask = async (method: string, body?: string): Promise<unknown> => {
      const response = await fetch(`${url}/faults`, { method, ...(body !== undefined && { body }) });
      return response.json();
    };
    const [, url = ''] = (await running?.printed(/AWS_ENDPOINT_URL_REDSHIFT=(\S+)\n/)) ?? [];
    await ask('PUT', JSON.stringify([{ match: '.', action: 'dropBefore' }]));
    running?.child.kill('SIGKILL');
    await running?.exit();
    await start();
    assert.deepEqual(await ask('GET'), []);
  });
});
