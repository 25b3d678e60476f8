import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

const DEADLINE_MS = 10_000;

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

async function psql(
  endpoint: SqlEndpoint,
  sql: string,
  mode = 'require',
): Promise<{ out: string; err: string; code: number }> {
  const { port, user, password } = endpoint.config;
  const address = `host=127.0.0.1 port=${port} user=${user} dbname=dev sslmode=${mode}`;
  const child = spawn('psql', ['-X', '-A', '-t', address], { env: { ...process.env, PGPASSWORD: password } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.end(sql);
  const [code] = await once(child, 'close');
  return { out, err, code };
}

interface RawConnection {
  parse(query: { text: string }): void;
  bind(config: object): void;
  execute(config: object): void;
  sync(): void;
  on(event: string, listener: (message: { text?: string; code?: string; status?: string }) => void): void;
  removeAllListeners(event: string): void;
}

/** Sends every statement before reading an answer; gives the tags, errors and final state in their order. */
async function pipeline(client: pg.Client, statements: readonly string[]): Promise<string[]> {
  const { connection } = client as unknown as { connection: RawConnection };
  const answers: string[] = [];
  for (const event of ['commandComplete', 'errorMessage', 'readyForQuery', 'dataRow'])
    connection.removeAllListeners(event);
  connection.on('commandComplete', ({ text = '' }) => answers.push(text));
  connection.on('errorMessage', ({ code = '' }) => answers.push(`error ${code}`));
  const done = new Promise<void>((resolve) => {
    connection.on('readyForQuery', ({ status = '' }) => {
      answers.push(`ready ${status}`);
      resolve();
    });
  });
  for (const text of statements) {
    connection.parse({ text });
    connection.bind({});
    connection.execute({});
  }
  connection.sync();
  await done;
  return answers;
}

describe('the SQL face over the wire', () => {
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start();
  });
  after(() => endpoint.stop());

  describe('connecting', () => {
    it('verifies the certificate and reports the version of Redshift', async () => {
      const client = await endpoint.connect();
      assert.equal((await client.query('select 1 as one')).rows[0].one, 1);
    });
    it('refuses a connection without TLS as a cluster with require_ssl does', async () => {
      await assert.rejects(endpoint.connect({ ssl: false }), {
        code: '28000',
        message: /^no pg_hba\.conf entry for host "127\.0\.0\.1", user "awsuser", database "dev", SSL off$/,
      });
    });
    it('refuses a wrong password', async () => {
      await assert.rejects(endpoint.connect({ password: 'wrong' }), {
        code: '28000',
        message: 'password authentication failed for user "awsuser"',
      });
    });
    it('refuses an unknown database', async () => {
      await assert.rejects(endpoint.connect({ database: 'nosuch' }), { code: '3D000' });
    });
  });

  describe('psql', () => {
    it('describes tables', async () => {
      const { out, err, code } = await psql(
        endpoint,
        'create table described (id int distkey, name varchar(7), a date);\n\\d described\n\\dt described\n\\df strtol\n\\du awsuser\n',
      );
      assert.match(out, /name\|character varying\(7\)/);
      assert.match(out, /public\|described\|table\|awsuser/);
      assert.doesNotMatch(err, /ERROR/);
      assert.equal(code, 0);
    });
    it('shows where an error stands in the text that was typed', async () => {
      const { err } = await psql(endpoint, 'select nvl(1, 2), datediff(day, a, a), nosuch from described;\n');
      assert.match(err, /column "nosuch" does not exist/);
      assert.equal(err.split('\n')[2]?.indexOf('^'), 'LINE 1: '.length + 39);
    });
  });

  describe('the extended protocol', () => {
    it('runs named statements again and again, rewritten once', async () => {
      const client = await endpoint.connect();
      for (const days of [1, 2]) {
        const query = {
          name: 'later',
          text: 'select dateadd(day, $1::int, $2::timestamp)::varchar as at',
          values: [days, '2020-02-28'],
        };
        assert.equal(
          (await client.query(query)).rows[0].at,
          days === 1 ? '2020-02-29 00:00:00' : '2020-03-01 00:00:00',
        );
      }
    });
    it('inserts through parameters with the write lock around it', async () => {
      const client = await endpoint.connect();
      await client.query('create table ext (id bigint identity(0, 1), a int)');
      for (const value of [1, 2, 3]) {
        const { rowCount } = await client.query({
          name: 'add',
          text: 'insert into ext (a) values ($1)',
          values: [value],
        });
        assert.equal(rowCount, 1);
      }
      assert.deepEqual(
        (await client.query('select id, a from ext order by a')).rows.map((row) => row.id),
        ['0', '1', '2'],
      );
    });
    it('skips to Sync after an error and goes on', async () => {
      const client = await endpoint.connect();
      await assert.rejects(client.query('insert into ext (a) values ($1) on conflict do nothing', [1]), {
        code: '42601',
        position: '33',
      });
      await assert.rejects(client.query('select nosuch, $1::int', [1]), { code: '42703', position: '8' });
      assert.equal((await client.query('select $1::int as n', [4])).rows[0].n, 4);
    });
    it('runs TRUNCATE, which commits, through Parse and Execute', async () => {
      const client = await endpoint.connect();
      await client.query('begin');
      await client.query({ text: 'truncate table ext', values: [], name: 'empty' });
      await client.query('rollback');
      assert.equal((await client.query('select count(*)::int as n from ext')).rows[0].n, 0);
    });
    it('creates a table with its design', async () => {
      const client = await endpoint.connect();
      await client.query({ name: 'ddl', text: 'create table ext_design (a int) distkey (a) sortkey (a)' });
      const { rows } = await client.query("select distkey, sortkey from pg_table_def where tablename = 'ext_design'");
      assert.deepEqual(rows, [{ distkey: true, sortkey: 1 }]);
    });
  });

  describe('transactions', () => {
    it('fails the block after a rejection, until it ends', async () => {
      const client = await endpoint.connect();
      await client.query('begin');
      await assert.rejects(client.query('savepoint a'), { code: '0A000' });
      await assert.rejects(client.query('select 1'), { code: '25P02' });
      await client.query('rollback');
      assert.equal((await client.query('select 1 as n')).rows[0].n, 1);
    });
    it('fails the block after an error of the face itself', async () => {
      const client = await endpoint.connect();
      await client.query('begin');
      await assert.rejects(client.query('alter table a append from b'), { code: '25001' });
      await assert.rejects(client.query('select 1'), { code: '25P02' });
      await client.query('rollback');
    });
    it('undoes a whole message when one of its statements fails', async () => {
      const client = await endpoint.connect();
      await client.query('create table whole (a int)');
      await assert.rejects(client.query('insert into whole values (1); insert into whole values (1/0)'), {
        code: '22012',
      });
      assert.equal((await client.query('select count(*)::int as n from whole')).rows[0].n, 0);
    });
    it('makes a writer wait for another, and lets readers read', async () => {
      const [one, other, reader] = await Promise.all([endpoint.connect(), endpoint.connect(), endpoint.connect()]);
      await one.query('create table queue (a int)');
      await one.query('begin; insert into queue values (1)');
      const waiting = other.query('insert into queue select 2 where not exists (select from queue where a = 1)');
      await until(
        reader,
        "select count(*) = 1 from svv_transactions where lock_mode = 'ShareRowExclusiveLock' and not granted",
      );
      assert.equal((await reader.query('select count(*)::int as n from queue')).rows[0].n, 0);
      await one.query('commit');
      assert.equal((await waiting).rowCount, 0);
    });
  });

  describe('cancelling', () => {
    it('ends a statement by CANCEL and by pg_cancel_backend', async () => {
      const [victim, other] = await Promise.all([endpoint.connect(), endpoint.connect()]);
      const { pid } = (await victim.query('select pg_backend_pid() as pid')).rows[0];
      for (const command of [`cancel ${pid}`, `select pg_cancel_backend(${pid})`]) {
        const running = assert.rejects(victim.query('select pg_sleep(60)'), {
          code: '57014',
          message: "Query cancelled on user's request",
        });
        await until(other, `select count(*) = 1 from stv_inflight where pid = ${pid}`);
        await other.query(command);
        await running;
      }
    });
  });

  it('ends a statement when psql is interrupted', async () => {
    const { port, user, password } = endpoint.config;
    const address = `host=127.0.0.1 port=${port} user=${user} dbname=dev sslmode=require`;
    const child = spawn('psql', ['-X', address, '-c', 'select pg_sleep(61)'], {
      env: { ...process.env, PGPASSWORD: password },
    });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const watcher = await endpoint.connect();
    await until(watcher, "select count(*) = 1 from stv_inflight where text = 'select pg_sleep(61)'");
    child.kill('SIGINT');
    await once(child, 'close');
    assert.match(err, /Query cancelled on user's request/);
  });

  describe('a pipeline', () => {
    it('is answered in order, skips to Sync after an error, and undoes what it had done', async () => {
      const client = await endpoint.connect();
      await client.query('create table piped (a int)');
      const answers = await pipeline(client, [
        'insert into piped values (1)',
        'select 7 as seven',
        'insert into piped values (2) returning a',
        'insert into piped values (3)',
      ]);
      assert.deepEqual(answers, ['INSERT 0 1', 'SELECT 1', 'error 42601', 'ready I']);
      const other = await endpoint.connect();
      assert.equal((await other.query('select count(*)::int as n from piped')).rows[0].n, 0);
    });
    it('runs a statement of the face itself in its place', async () => {
      const client = await endpoint.connect();
      const answers = await pipeline(client, [
        'begin',
        'insert into piped values (4)',
        'alter table piped append from piped',
        'select 1',
      ]);
      assert.deepEqual(answers, ['BEGIN', 'INSERT 0 1', 'error 25001', 'ready E']);
      await client.end();
      const other = await endpoint.connect();
      const truncating = await pipeline(other, ['insert into piped values (5)', 'truncate piped', 'select 1']);
      assert.deepEqual(truncating, ['INSERT 0 1', 'TRUNCATE TABLE', 'SELECT 1', 'ready I']);
    });
  });

  describe('the history of statements', () => {
    it('knows label, state and text of what every session ran', async () => {
      const [worker, watcher] = await Promise.all([endpoint.connect(), endpoint.connect()]);
      await worker.query("set query_group to 'loadWarehouse/users'");
      await worker.query('select 6 * 7 as answer');
      await assert.rejects(worker.query('select nosuch'));
      const running = assert.rejects(worker.query('select pg_sleep(60)'));
      await until(
        watcher,
        "select count(*) = 1 from sys_query_history where query_label = 'loadWarehouse/users' and status = 'running'",
      );
      const { rows } = await watcher.query(
        "select status, query_type, query_text, session_id from sys_query_history where query_label = 'loadWarehouse/users' order by query_id",
      );
      assert.deepEqual(
        rows.map((row) => [row.status, row.query_type, row.query_text]),
        [
          ['success', 'SELECT', 'select 6 * 7 as answer'],
          ['failed', 'SELECT', 'select nosuch'],
          ['running', 'SELECT', 'select pg_sleep(60)'],
        ],
      );
      await watcher.query('select pg_terminate_backend($1)', [rows[0].session_id]);
      await running;
    });
  });

  it('passes results larger than any buffer, at the pace of the reader', async () => {
    const client = await endpoint.connect();
    const { rows } = await client.query("select repeat('x', 100000) as wide from generate_series(1, 500)");
    assert.equal(rows.length, 500);
    assert.equal(
      rows.every((row) => row.wide.length === 100_000),
      true,
    );
  });
  it('takes a statement larger than any buffer', async () => {
    const client = await endpoint.connect();
    const long = 'y'.repeat(3_000_000);
    assert.equal((await client.query(`select len('${long}') as n`)).rows[0].n, 3_000_000);
  });
  it('ends the server session of a client that goes away', async () => {
    const [gone, watcher] = await Promise.all([endpoint.connect(), endpoint.connect()]);
    const { pid } = (await gone.query('select pg_backend_pid() as pid')).rows[0];
    await gone.query('begin');
    (gone as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await until(watcher, `select count(*) = 0 from stv_sessions where process = ${pid}`);
  });
  it('creates a database with its catalogue, and drops it', async () => {
    const client = await endpoint.connect();
    await client.query('create database other');
    const inside = await endpoint.connect({ database: 'other' });
    assert.equal((await inside.query("select len('abc') as n")).rows[0].n, 3);
    await inside.end();
    await until(client, "select count(*) = 0 from pg_stat_activity where datname = 'other' and usename = 'awsuser'");
    await client.query('drop database other');
  });
});
