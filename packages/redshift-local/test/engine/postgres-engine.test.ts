import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { copyDataFolder, ensureDataTemplate } from '../../src/engine/data-template.js';
import { PostgresEngine } from '../../src/engine/postgres-engine.js';
import { openPostgresHome, type PostgresHome } from '../../src/engine/postgres-home.js';
import { readPostmasterFile } from '../../src/engine/postmaster-file.js';
import { isAlive } from '../../src/engine/process-table.js';

const KEEPER = fileURLToPath(new URL('fixture/keep-running.ts', import.meta.url));

describe('the embedded PostgreSQL', () => {
  let stateDir: string;
  let home: PostgresHome;
  let dataDir: string;
  let installed = 0;
  const log = (): void => {};

  before(async () => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'redshift-local-engine-'));
    // Root runs PostgreSQL as another account, which has to pass through.
    chmodSync(stateDir, 0o711);
    home = await openPostgresHome({ stateDir, log });
    dataDir = path.join(home.dataRoot, 'cluster-test');
    await copyDataFolder(home, await template('1'), dataDir);
  });

  after(() => {
    rmSync(stateDir, { recursive: true, force: true });
  });

  function template(version: string): Promise<string> {
    const install = async (client: { query(sql: string): Promise<unknown> }): Promise<void> => {
      installed += 1;
      await client.query('create function answer() returns int language sql as $$ select 42 $$');
    };
    return ensureDataTemplate({ home, logFile: path.join(stateDir, 'template.log'), version, install, log });
  }

  function engine(): PostgresEngine {
    return new PostgresEngine({ home, dataDir, logFile: path.join(stateDir, 'test.log'), log });
  }

  it('prepares the template once for each version of the schema', async () => {
    assert.equal(installed, 1);
    const first = await template('1');
    assert.equal(installed, 1);
    assert.notEqual(await template('2'), first);
    assert.equal(installed, 2);
  });

  it('sorts by bytes, maps the case of all letters, keeps UTC, and has the schema in new databases', async () => {
    const running = engine();
    await running.start();
    const first = await running.connect('postgres');
    await first.query('create database dev');
    await first.end();
    const client = await running.connect('dev');
    const { rows } = await client.query(
      `select 'Z' < 'a' as bytes, upper('é') as upper, current_setting('timezone') as zone, answer(), current_user as user`,
    );
    assert.deepEqual(rows, [{ bytes: true, upper: 'É', zone: 'UTC', answer: 42, user: 'rdsdb' }]);
    await client.end();
    await running.stop();
  });

  it('listens on the loopback address only and asks for a password', async () => {
    const running = engine();
    await running.start();
    const client = await running.connect('dev');
    const { rows } = await client.query(
      `select current_setting('listen_addresses') as hosts, current_setting('unix_socket_directories') as sockets,
              (select count(*)::int from pg_hba_file_rules where auth_method <> 'scram-sha-256') as open_doors`,
    );
    assert.deepEqual(rows, [{ hosts: '127.0.0.1', sockets: '', open_doors: 0 }]);
    await client.end();
    await running.stop();
  });

  it('keeps the superuser password from other users', () => {
    assert.equal(statSync(path.join(stateDir, 'superuser-password')).mode & 0o777, 0o600);
  });

  it('says why PostgreSQL did not start', async () => {
    const broken = new PostgresEngine({
      home,
      dataDir: path.join(home.dataRoot, 'none'),
      logFile: path.join(stateDir, 'x.log'),
      log,
    });
    await assert.rejects(broken.start(), /did not start \(exit code \d\):\n.*none/s);
  });

  it('reports a server that ends by itself', async () => {
    const reason = new Promise<string>((resolve) => {
      const options = { home, dataDir, logFile: path.join(stateDir, 'test.log'), log, onUnexpectedExit: resolve };
      const running = new PostgresEngine(options);
      running.start().then(async () => {
        const client = await running.connect('dev');
        const { rows } = await client.query<{ pid: number }>(`select pg_backend_pid() as pid`);
        await client.query(`copy (select 1) to program 'kill -QUIT $(ps -o ppid= -p ${rows[0]?.pid})'`).catch(() => {});
      });
    });
    assert.match(await reason, /exit code|signal/);
  });

  it('does not leave a server behind when its process is killed', async () => {
    const keeper = spawn(process.execPath, ['--import', 'tsx', KEEPER, stateDir, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(keeper.stdout), 'line')) as [string];
    const pid = Number(line);
    assert.equal(isAlive(pid), true);
    keeper.kill('SIGKILL');
    const deadline = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < deadline) await delay(20);
    assert.equal(isAlive(pid), false);
  });

  it('stops a server that was left behind all the same, and starts its own', async () => {
    const keeper = spawn(process.execPath, ['--import', 'tsx', KEEPER, stateDir, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(keeper.stdout), 'line')) as [string];
    const running = engine();
    await running.start();
    assert.equal(isAlive(Number(line)), false);
    const client = await running.connect('dev');
    assert.deepEqual((await client.query('select answer()')).rows, [{ answer: 42 }]);
    await client.end();
    await running.stop();
    keeper.kill('SIGKILL');
  });

  it('keeps what was committed when everything is killed at once, in the midst of a statement', async () => {
    const keeper = spawn(process.execPath, ['--import', 'tsx', KEEPER, stateDir, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(keeper.stdout), 'line')) as [string];
    const file = await readPostmasterFile(dataDir);
    const address = { host: '127.0.0.1', port: file?.port ?? 0, database: 'dev' };
    const { user, password } = home.superuser;
    const [client, busy] = [1, 2].map(() => new pg.Client({ ...address, user, password }));
    for (const connection of [client, busy]) {
      connection?.on('error', () => {});
      await connection?.connect();
    }
    await client?.query('create table committed as select 0 as n');
    // A computation that never waits does not see that its server is gone.
    const computing = busy
      ?.query('select count(*) from (select generate_series(1, 300000000)) as counted')
      .catch(() => {});
    for (let n = 1; n <= 50; n++) await client?.query(`insert into committed values (${n})`);
    keeper.kill('SIGKILL');
    process.kill(Number(line), 'SIGKILL');
    const running = engine();
    await running.start();
    const again = await running.connect('dev');
    assert.deepEqual((await again.query('select count(*)::int as n from committed')).rows, [{ n: 51 }]);
    await again.end();
    await running.stop();
    await computing;
  });
});
