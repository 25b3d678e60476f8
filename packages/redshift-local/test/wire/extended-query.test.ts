import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { Conversation } from './fixture/conversation.js';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

const ROUNDS = 10;
const DEADLINE_MS = 10_000;

describe('the extended protocol of the SQL face', () => {
  let endpoint: SqlEndpoint;
  let watcher: pg.Client;
  before(async () => {
    endpoint = await SqlEndpoint.start();
    watcher = await endpoint.connect();
  });
  after(() => endpoint.stop());

  async function values(table: string): Promise<number[]> {
    return (await watcher.query(`select a from ${table} order by a`)).rows.map((row) => row.a);
  }

  /** Waits until so many write locks are held, or waited for. */
  async function untilLocks({ granted, count }: { granted: boolean; count: number }): Promise<void> {
    const sql = "select count(*)::int as n from pg_locks where mode = 'ShareRowExclusiveLock' and granted = $1";
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const { n } = (await watcher.query(sql, [granted])).rows[0];
      if (n === count) return;
      assert.ok(Date.now() < deadline, `${n} write locks with granted = ${granted} in place of ${count}`);
      await delay(20);
    }
  }

  async function conversation(): Promise<Conversation> {
    return new Conversation(await endpoint.connect());
  }

  describe('writing with parameters', () => {
    before(() =>
      watcher.query(
        'create table queued (a int, b int); create table matched (a int, b int); create table source (a int); insert into source values (1)',
      ),
    );

    const writes: Readonly<Record<string, string>> = {
      INSERT: 'insert into queued values ($1, $1)',
      UPDATE: 'update queued set b = $1',
      DELETE: 'delete from queued where a = $1',
      MERGE:
        'merge into matched using source on matched.a = source.a when matched then update set b = $1 when not matched then insert values (source.a, $1)',
    };
    for (const [command, text] of Object.entries(writes)) {
      for (const name of [undefined, 'again']) {
        it(`makes concurrent ${command} statements ${name === undefined ? '' : 'of a name '}queue up without a deadlock`, async () => {
          const clients = await Promise.all([1, 2, 3].map(() => endpoint.connect()));
          await Promise.all(
            clients.map(async (client) => {
              for (let at = 0; at < ROUNDS; at++) {
                await client.query({ text, values: [at], ...(name === undefined ? {} : { name }) });
              }
            }),
          );
        });
      }
    }

    it('queues in transaction blocks, with a statement prepared before them', async () => {
      await watcher.query('create table blocks (a int)');
      const clients = await Promise.all([1, 2, 3].map(() => endpoint.connect()));
      const add = { name: 'add', text: 'insert into blocks values ($1)' };
      await Promise.all(
        clients.map(async (client, number) => {
          for (let at = 0; at < ROUNDS; at++) {
            await client.query('begin');
            await client.query({ ...add, values: [number] });
            await client.query({ ...add, values: [number] });
            await client.query('commit');
          }
        }),
      );
      assert.equal((await values('blocks')).length, 3 * 2 * ROUNDS);
    });

    it('sees what the writer before it has committed', async () => {
      await watcher.query('create table seen (a int)');
      const [one, other] = await Promise.all([endpoint.connect(), endpoint.connect()]);
      await one.query('begin');
      await one.query('insert into seen values ($1)', [1]);
      const waiting = other.query(
        'insert into seen select $1::int where not exists (select from seen where a = 1)',
        [2],
      );
      await untilLocks({ granted: false, count: 1 });
      await one.query('commit');
      assert.equal((await waiting).rowCount, 0);
    });

    it('takes the lock again after a COMMIT in the midst of a pipeline', async () => {
      await watcher.query('create table relocked (a int)');
      const client = await conversation();
      client.send((to) => {
        to.run('begin');
        to.parse('insert into relocked values (1)', 'add');
        to.bindAndExecute('add');
        to.run('commit');
        to.run('begin');
        to.bindAndExecute('add');
        to.sync();
      });
      await client.expect(['BEGIN', 'INSERT 0 1', 'COMMIT', 'BEGIN', 'INSERT 0 1', 'ready T']);
      await untilLocks({ granted: true, count: 1 });
      client.send((to) => to.query('commit'));
      await client.expect(['BEGIN', 'INSERT 0 1', 'COMMIT', 'BEGIN', 'INSERT 0 1', 'ready T', 'COMMIT', 'ready I']);
      assert.deepEqual(await values('relocked'), [1, 1]);
    });
  });

  describe('steps that the client does not see', () => {
    it('leave statements and portals of the client alone', async () => {
      const client = await endpoint.connect();
      assert.deepEqual((await client.query({ name: 'lc', text: 'select pg_last_copy_count() as n' })).rows, [
        { n: '0' },
      ]);
      await client.query({ name: 'ct', text: 'create table hidden_steps (a int)' });
      await client.query('insert into hidden_steps values ($1)', [1]);
      assert.deepEqual((await client.query({ name: 'lc', text: 'select pg_last_copy_count() as n' })).rows, [
        { n: '0' },
      ]);
      assert.deepEqual(await values('hidden_steps'), [1]);
    });
    it('run for each of several executions before one Sync', async () => {
      await watcher.query('create table batched (a int)');
      const client = await conversation();
      client.send((to) => {
        to.parse('insert into batched values (1)');
        to.bindAndExecute();
        to.bindAndExecute();
        to.sync();
      });
      await client.expect(['INSERT 0 1', 'INSERT 0 1', 'ready I']);
      assert.deepEqual(await values('batched'), [1, 1]);
    });
    it('work again after one of them has failed', async () => {
      await watcher.query('create table contended (a int)');
      const [holder, client] = await Promise.all([endpoint.connect(), endpoint.connect()]);
      await holder.query('begin; insert into contended values (1)');
      await client.query("set lock_timeout to '50ms'");
      await assert.rejects(client.query('insert into contended values ($1)', [2]), { code: '55P03' });
      await holder.query('rollback');
      await client.query('insert into contended values ($1)', [3]);
      assert.deepEqual(await values('contended'), [3]);
    });
  });

  describe('after an error', () => {
    before(() => watcher.query('create table behind (a int)'));
    beforeEach(() => watcher.query('delete from behind'));

    it('of the face runs what stands behind the Sync that came with it', async () => {
      const client = await conversation();
      client.send((to) => {
        to.run('truncate nosuch');
        to.run('insert into behind values (1)');
        to.sync();
        to.run('insert into behind values (2)');
        to.sync();
      });
      await client.expect(['error 42P01', 'ready I', 'INSERT 0 1', 'ready I']);
      assert.deepEqual(await values('behind'), [2]);
    });
    it('of the face answers a Query message behind the Sync', async () => {
      const client = await conversation();
      client.send((to) => {
        to.run('truncate nosuch');
        to.sync();
        to.query('insert into behind values (3)');
      });
      await client.expect(['error 42P01', 'ready I', 'INSERT 0 1', 'ready I']);
    });
    it('that the client has read runs what it sends together with the Sync', async () => {
      const client = await conversation();
      client.send((to) => {
        to.run('select 1/0');
        to.flush();
      });
      await client.expect(['error 22012']);
      client.send((to) => {
        to.run('insert into behind values (4)');
        to.sync();
        to.run('insert into behind values (5)');
        to.sync();
        to.query('insert into behind values (6)');
      });
      await client.expect(['error 22012', 'ready I', 'INSERT 0 1', 'ready I', 'INSERT 0 1', 'ready I']);
      assert.deepEqual(await values('behind'), [5, 6]);
    });
    it('skips a Query of the history, and one with a statement of the face, as any other message', async () => {
      const client = await conversation();
      client.send((to) => {
        to.run('select 1/0');
        to.run('select count(*) from sys_query_history');
        to.query('select count(*) from sys_query_history');
        to.query('select 1; truncate behind');
        to.sync();
        to.query('select 1');
      });
      await client.expect(['error 22012', 'ready I', 'SELECT 1', 'ready I']);
    });
  });

  describe('a statement nested too deeply', () => {
    const deep: Readonly<Record<string, string>> = {
      'function calls': `select ${'nvl(1, '.repeat(20_000)}1${')'.repeat(20_000)}`,
      CASE: `select ${'case when true then '.repeat(2_500)}1${' end'.repeat(2_500)}`,
      parentheses: `select ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
    };
    for (const [what, text] of Object.entries(deep)) {
      it(`of ${what} is refused, and the session goes on`, async () => {
        const client = await endpoint.connect();
        await assert.rejects(client.query(text), { code: '54001' });
        await assert.rejects(client.query({ name: 'deep', text }), { code: '54001' });
        await assert.rejects(client.query(`select 1; truncate source; ${text}`), { code: '54001' });
        assert.deepEqual((await client.query('select $1::int as n', [4])).rows, [{ n: 4 }]);
      });
    }
    it('is refused by none that merely comes close', async () => {
      const client = await endpoint.connect();
      for (const depth of [100, 250]) {
        const text = `select ${'nvl(1, '.repeat(depth)}1${')'.repeat(depth)} as n`;
        assert.deepEqual((await client.query(text)).rows, [{ n: 1 }]);
      }
    });
  });
});
