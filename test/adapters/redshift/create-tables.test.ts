import assert from 'node:assert/strict';
import { countRows } from '../../../src/adapters/redshift/count-rows.js';
import { createTables } from '../../../src/adapters/redshift/create-tables.js';
import type { LedgerKey } from '../../../src/adapters/redshift/ledger/ledger.js';
import { runCheck } from '../../../src/adapters/redshift/run-check.js';
import type { Warehouse } from '../../../src/adapters/warehouse/warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../support/stack.js';
import { Staging } from '../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../support/test-warehouse.js';

const SPARKIFY = ['staging_events', 'staging_songs', 'time', 'users', 'artists', 'songs', 'songplays'];

describe('tables of a warehouse', () => {
  let warehouse: TestWarehouse;
  let sparkify: Warehouse;
  let schema: string;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    sparkify = await warehouse.adapters.warehouses.load('sparkify');
  });

  beforeEach(() => {
    schema = uniqueName('tables_');
  });

  after(() => restore());

  function create(design: string, recreate = false) {
    const staging = ['staging_events', 'staging_songs'].map((table) => keyOf('r1', 'create-tables', table));
    const request = { schema, design, recreate, statements: sparkify.createStatements(design), staging };
    return warehouse.inSession((session) => createTables(session, request), { schema });
  }

  function keyOf(runId: string, step: string, table: string): LedgerKey {
    return { workflowId: 'create', runId, step, schema, table };
  }

  it('are created with their schema, the ledger and the design', async () => {
    assert.deepEqual(await create('by-song'), { created: SPARKIFY, existing: [], dropped: [] });
    const [songplays] = await warehouse.query(
      `select diststyle, sortkey1 from svv_table_info where "schema" = '${schema}' and "table" = 'songplays'`,
    );
    // Redshift's view leaves out tables without rows; the local one may show them.
    if (songplays !== undefined)
      assert.deepEqual({ ...songplays }, { diststyle: 'KEY(song_id)', sortkey1: 'start_time' });
    const ledger = await warehouse.query(
      `select tablename from pg_tables where schemaname = 'starshift' and tablename in ('load_steps', 'load_files', 'guard_${schema}$users') order by 1`,
    );
    assert.deepEqual(
      ledger.map((row) => row.tablename),
      [`guard_${schema}$users`, 'load_files', 'load_steps'],
    );
  });

  it('stay as they are when they exist', async () => {
    await create('by-song');
    await warehouse.query("insert into users (user_id, first_name) values (1, 'Ann')", schema);
    assert.deepEqual(await create('by-song'), { created: [], existing: SPARKIFY, dropped: [] });
    assert.equal((await warehouse.query('select 1 from users', schema)).length, 1);
  });

  it('are completed when some are missing', async () => {
    await create('by-song');
    await warehouse.query('drop table songplays', schema);
    const { created, existing } = await create('by-song');
    assert.deepEqual(created, ['songplays']);
    assert.deepEqual(existing, SPARKIFY.slice(0, 6));
  });

  it('are dropped and created anew with recreate, in another design', async () => {
    await create('by-song');
    await warehouse.query("insert into users (user_id, first_name) values (1, 'Ann')", schema);
    assert.deepEqual(await create('by-user', true), { created: SPARKIFY, existing: [], dropped: SPARKIFY });
    assert.deepEqual(await warehouse.query('select 1 from users', schema), []);
  });

  it('have the load column where they are staging tables', async () => {
    await create('by-song');
    const columns = await warehouse.query(
      `select table_name, data_type from svv_columns where table_schema = '${schema}' and column_name = 'starshift_load' order by 1`,
    );
    assert.deepEqual(
      columns.map((row) => ({ ...row })),
      [
        { table_name: 'staging_events', data_type: 'bigint' },
        { table_name: 'staging_songs', data_type: 'bigint' },
      ],
    );
  });

  for (const how of ['with recreate', 'after somebody has dropped them']) {
    it(`hold none of the files that the ledger knew, when they are made anew ${how}`, async () => {
      await create('by-song');
      const songs = new Staging(warehouse, schema, 'staging_songs');
      await songs.put('1.json', [
        { song_id: 'S1', num_songs: 1, artist_id: 'A1', title: 'T', artist_name: 'N', year: 0, duration: 1 },
      ]);
      await songs.load('r1');
      if (how !== 'with recreate') await warehouse.query('drop table staging_songs', schema);
      await create('by-song', how === 'with recreate');
      assert.deepEqual(await songs.ledger('load_steps', 'load_number, kind, change, file_count'), [
        { load_number: '1', kind: 'stage', change: 'full', file_count: '1' },
        { load_number: '2', kind: 'create', change: 'full', file_count: '0' },
      ]);
      assert.equal((await songs.load('r2', { incremental: true })).rows, 1);
      assert.deepEqual(await songs.column('starshift_load'), ['3']);
    });
  }

  it('are not taken for those of another design', async () => {
    await create('by-song');
    await warehouse.query("insert into users (user_id, first_name) values (1, 'Ann')", schema);
    await assert.rejects(create('by-user'), (error: Error) => {
      assert.equal((error as Error & { kind: string }).kind, 'invalidInput');
      assert.match(
        error.message,
        new RegExp(
          `^In dev on localhost:\\d+, schema ${schema}, these tables exist in another design than "by-user": .*users \\(DISTSTYLE ALL, sort key user_id\\).*` +
            '\\. Name the design they have, or pass "recreate": true to drop and create them anew \\(their rows are lost\\)\\.$',
        ),
      );
      return true;
    });
  });

  it('are kept when somebody else built on one of them', async () => {
    await create('by-song');
    await warehouse.query(`create view ${schema}.ours as select user_id from ${schema}.users`);
    await assert.rejects(create('by-song', true), {
      kind: 'sqlTerminal',
      code: '2BP01',
      message:
        /^Dropping users failed in .*depend.*\. Drop what depends on the table, or keep the table: run without "recreate"\.$/,
    });
    const tables = await warehouse.query(`select tablename from pg_tables where schemaname = '${schema}'`);
    assert.equal(tables.length, 7);
  });

  it('are created once when two runs create them at the same time', async () => {
    const results = await Promise.allSettled([create('even'), create('even')]);
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.kind] : []));
    assert.ok(failed.length <= 1 && failed.every((kind) => kind === 'sqlConflict'), String(failed));
    assert.equal((await warehouse.query(`select 1 from pg_tables where schemaname = '${schema}'`)).length, 7);
  });

  it('are counted', async () => {
    await create('auto');
    await warehouse.query("insert into users (user_id, first_name) values (1, 'Ann'), (2, 'Bob')", schema);
    const tables = ['users', 'songs'];
    const counts = await warehouse.inSession((session) => countRows(session, { schema, tables }));
    assert.deepEqual(counts, { users: 2, songs: 0 });
  });

  it('pass a check without offending rows, and fail it with a sample of 20', async () => {
    await create('auto');
    const check = {
      id: 'c',
      title: 'No users',
      severity: 'error',
      sql: 'select user_id, level from users -- all',
    } as const;
    const run = () => warehouse.inSession((session) => runCheck(session, check), { schema });
    assert.deepEqual(await run(), {
      id: 'c',
      title: 'No users',
      severity: 'error',
      passed: true,
      offending: 0,
      sample: [],
    });
    const values = Array.from({ length: 25 }, (_, index) => `(${index}, 'Ann')`).join(', ');
    await warehouse.query(`insert into users (user_id, first_name) values ${values}`, schema);
    const failed = await run();
    assert.equal(failed.passed, false);
    assert.equal(failed.offending, 25);
    assert.equal(failed.sample.length, 20);
    assert.match(failed.sample[0] ?? '', /^user_id=\d+, level=null$/);
  });
});
