import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { endpointFaults } from '../../src/faults/endpoint-faults.js';
import { FaultBoard } from '../../src/faults/fault-board.js';
import { parseRules } from '../../src/faults/fault-rule.js';
import { REDSHIFT_FAULTS } from '../../src/faults/redshift-faults.js';
import { SqlEndpoint } from '../wire/fixture/sql-endpoint.js';

const PROTOCOLS = ['simple', 'extended'] as const;

/** Fields of the error a promise rejects with. */
interface Refusal {
  readonly code: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
}

describe('faults of statements', () => {
  const board = new FaultBoard();
  let endpoint: SqlEndpoint;
  let watcher: pg.Client;

  before(async () => {
    endpoint = await SqlEndpoint.start({ faults: endpointFaults(board, 'test') });
    watcher = await endpoint.engine.connect('dev');
  });
  after(async () => {
    await watcher.end();
    await endpoint.stop();
  });
  beforeEach(async () => {
    board.setRules([]);
    await watcher.query('drop table if exists public.t');
    await (await endpoint.connect()).query('create table t (n int)');
  });

  function set(...rules: unknown[]): void {
    board.setRules(parseRules(rules));
  }

  async function refusal(promise: Promise<unknown>): Promise<Refusal> {
    try {
      await promise;
    } catch (error) {
      const { code, message, detail } = error as pg.DatabaseError;
      return { code, message, detail };
    }
    throw new Error('it succeeded');
  }

  async function count(): Promise<number> {
    const { rows } = await watcher.query<{ n: number }>('select count(*)::int as n from public.t');
    return rows[0]?.n ?? -1;
  }

  /** What the session of this process id is doing; undefined when it is gone. */
  async function stateOf(processId: number): Promise<string | undefined> {
    const { rows } = await watcher.query<{ state: string }>('select state from pg_stat_activity where pid = $1', [
      processId,
    ]);
    return rows[0]?.state;
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, 'the condition was not met within 10 s');
      await delay(10);
    }
  }

  async function pidOf(client: pg.Client): Promise<number> {
    const { rows } = await client.query('select pg_backend_pid() as pid');
    return Number(rows[0].pid);
  }

  for (const queryMode of PROTOCOLS) {
    const ask = (client: pg.Client, text: string) => client.query({ text, queryMode } as pg.QueryConfig);

    describe(`in the ${queryMode} protocol`, () => {
      it('fails a statement with the error of the rule, and its transaction with it', async () => {
        set({ match: '^insert into t values \\(2', ...REDSHIFT_FAULTS.serializableViolation });
        const client = await endpoint.connect();
        await client.query('begin');
        await ask(client, 'insert into t values (1)');
        assert.deepEqual(await refusal(ask(client, 'insert into t values (2)')), {
          code: 'XX000',
          message: '1023',
          detail: REDSHIFT_FAULTS.serializableViolation.detail,
        });
        assert.equal((await refusal(ask(client, 'select 1'))).code, '25P02');
        await ask(client, 'rollback');
        await ask(client, 'insert into t values (2)');
        assert.equal(await count(), 1);
      });

      it('rolls back a COMMIT that is failed, and leaves no transaction behind', async () => {
        set({ match: '^commit', action: 'error', sqlstate: 'XX000', message: '1023' });
        const client = await endpoint.connect();
        await client.query('begin');
        await ask(client, 'insert into t values (1)');
        assert.equal((await refusal(ask(client, '/* the end */ commit'))).message, '1023');
        await ask(client, 'insert into t values (2)');
        assert.deepEqual((await watcher.query('select n from public.t')).rows, [{ n: 2 }]);
      });

      it('cuts the connection before a statement', async () => {
        set({ match: '^insert', action: 'dropBefore' });
        const client = await endpoint.connect();
        const processId = await pidOf(client);
        assert.equal((await refusal(ask(client, 'insert into t values (1)'))).code, 'ECONNRESET');
        await until(async () => (await stateOf(processId)) === undefined);
        assert.equal(await count(), 0);
      });

      it('cuts the connection after a COMMIT whose answer is lost', async () => {
        set({ match: '^commit', action: 'dropAfter' });
        const client = await endpoint.connect();
        await client.query('begin');
        await ask(client, 'insert into t values (1)');
        assert.equal((await refusal(ask(client, 'commit'))).code, 'ECONNRESET');
        assert.equal(await count(), 1);
      });

      it('cuts the connection after a statement that commits by itself', async () => {
        set({ match: '^insert', action: 'dropAfter' });
        const client = await endpoint.connect();
        assert.equal((await refusal(ask(client, 'insert into t values (1)'))).code, 'ECONNRESET');
        assert.equal(await count(), 1);
      });

      it('cuts the connection while a statement runs, whose transaction then ends', async () => {
        set({ match: '^insert', action: 'dropDuring', afterMs: 50 });
        const client = await endpoint.connect();
        const processId = await pidOf(client);
        await client.query('begin');
        const lost = refusal(ask(client, 'insert into t select 1 from pg_sleep(0.3)'));
        assert.equal((await lost).code, 'ECONNRESET');
        await until(async () => (await stateOf(processId)) === undefined);
        assert.equal(await count(), 0);
      });

      it('lets the server go on when it is to notice nothing, until somebody terminates the session', async () => {
        set({ match: '^insert', action: 'dropDuring', afterMs: 20, keepBackend: true });
        const client = await endpoint.connect();
        const processId = await pidOf(client);
        await client.query('begin');
        const lost = refusal(ask(client, 'insert into t select 1 from pg_sleep(0.1)'));
        assert.equal((await lost).code, 'ECONNRESET');
        await until(async () => (await stateOf(processId)) === 'idle in transaction');
        const other = await endpoint.connect();
        await other.query('select pg_terminate_backend($1::int)', [processId]);
        await until(async () => (await stateOf(processId)) === undefined);
        assert.equal(await count(), 0);
      });

      it('delays a statement, which a cancel ends before it has run', async () => {
        set({ match: '^insert', action: 'delay', ms: 20 }, { match: '^insert', action: 'delay', ms: 60_000 });
        const client = await endpoint.connect();
        await ask(client, 'insert into t values (1)');
        const slow = refusal(ask(client, 'insert into t values (2)'));
        await until(async () => board.rules[1]?.fired === 1);
        const other = await endpoint.connect();
        await other.query('select pg_cancel_backend($1::int)', [
          (client as unknown as { processID: number }).processID,
        ]);
        assert.equal((await slow).code, '57014');
        await ask(client, 'insert into t values (3)');
        assert.deepEqual((await watcher.query('select n from public.t order by n')).rows, [{ n: 1 }, { n: 3 }]);
      });

      it('terminates the session while a statement runs', async () => {
        set({ match: '^insert', action: 'terminate' });
        const client = await endpoint.connect();
        await client.query('begin');
        const lost = await refusal(ask(client, 'insert into t select 1 from pg_sleep(60)'));
        assert.deepEqual(lost, {
          code: '57P01',
          message: 'terminating connection due to administrator command',
          detail: undefined,
        });
        await until(async () => (await count()) === 0);
      });
    });
  }

  it('strikes only sessions of the label, after those that pass, as often as it says', async () => {
    set({
      id: 'third',
      match: 'select 7',
      label: '^starshift:',
      skip: 1,
      times: 2,
      action: 'error',
      sqlstate: '53200',
      message: 'out of memory',
    });
    const client = await endpoint.connect();
    await client.query('select 7');
    await client.query("set query_group to 'starshift:load'");
    const seen: string[] = [];
    for (let at = 0; at < 4; at++) {
      seen.push(
        await client.query('select 7').then(
          () => 'passed',
          (error: pg.DatabaseError) => error.code ?? '',
        ),
      );
    }
    assert.deepEqual(seen, ['passed', '53200', '53200', 'passed']);
    assert.deepEqual(
      board.rules.map(({ id, matched, fired }) => ({ id, matched, fired })),
      [{ id: 'third', matched: 4, fired: 2 }],
    );
  });

  it('keeps a failed statement in the history', async () => {
    set({ match: '^insert', ...REDSHIFT_FAULTS.outOfMemory });
    const client = await endpoint.connect();
    await refusal(client.query('insert into t values (41)'));
    const { rows } = await client.query(
      "select status, trim(error_message) as error from sys_query_history where query_text like 'insert into t values (41)%'",
    );
    assert.deepEqual(rows, [{ status: 'failed', error: 'out of memory' }]);
  });
});
