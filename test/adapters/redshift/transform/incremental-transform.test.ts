import assert from 'node:assert/strict';
import { transformTable } from '../../../../src/adapters/redshift/transform/transform-table.js';
import type { LoadMode } from '../../../../src/domain/input.js';
import { event, song } from '../../../e2e/support/sparkify-data.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { type LoadChange, LoadingCase, PATHS } from '../../support/loading-case.js';
import { useStackEnvironment } from '../../support/test-warehouse.js';

const STAR = ['users', 'artists', 'songs', 'songplays', 'time'];

describe('incremental transform', () => {
  let loading: LoadingCase;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
  });

  after(() => restore());

  /** A warehouse with one play of the one song, loaded in full. */
  beforeEach(async () => {
    loading = await LoadingCase.create();
    await loading.put('log_json_path.json', JSON.stringify({ jsonpaths: PATHS.map((name) => `$['${name}']`) }));
    await loading.put('song_data/1.json', song());
    await loading.put('log_data/1.json', event({ itemInSession: 1 }));
    await loading.load({ mode: 'full' });
  });

  /** An incremental load, and which statement filled each of these tables. */
  async function basesAfter(change: LoadChange = {}, tables: readonly string[] = STAR): Promise<string> {
    await loading.load({ verify: true, ...change });
    const bases = await loading.bases();
    return tables.map((table) => `${table}: ${bases[table]}`).join(', ');
  }

  async function column(sql: string): Promise<readonly (string | null | undefined)[]> {
    return (await loading.query(sql)).map((row) => Object.values(row)[0]);
  }

  function transform(table: string, runId: string, mode: LoadMode = 'incremental') {
    const { schema, warehouse } = loading;
    const key = { workflowId: schema, runId, step: table, schema, table };
    const request = { key, statement: warehouse.transform(table), reads: [], mode };
    return loading.server.inSession((session) => transformTable(session, request), { schema });
  }

  it('looks at the keys of new rows only, from the first one after a full load on', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2, userId: '27', ts: 1541440182797 }));
    assert.equal(
      await basesAfter(),
      'users: new_rows, artists: new_rows, songs: new_rows, songplays: new_rows, time: new_rows',
    );
    assert.deepEqual(await column('select user_id from users order by 1'), ['26', '27']);
    assert.deepEqual(await column('select item_in_session from songplays order by 1'), ['1', '2']);
    assert.deepEqual(await column('select start_time from time order by 1'), [
      '2018-11-05 17:49:42.796',
      '2018-11-05 17:49:42.797',
    ]);
  });

  it('records what it inserted, updated and deleted, once for each run and step', async () => {
    await loading.put('log_data/2.json', event({ level: 'paid', ts: 1541440182797 }) + event({ userId: '27' }));
    const { transformed } = await loading.load();
    assert.deepEqual(transformed.users, { rows: 2, updatedRows: 1, deletedRows: 0, alreadyDone: false });
    assert.deepEqual(transformed.songs, { rows: 0, updatedRows: 0, deletedRows: 0, alreadyDone: false });
    assert.deepEqual(await transform('users', 'run-2'), { ...transformed.users, alreadyDone: true });
    const steps = await loading.query(
      `select run_id, mode, change, row_count, updated_rows, deleted_rows from starshift.load_steps
       where table_schema = '${loading.schema}' and table_name = 'users' order by run_id`,
    );
    assert.deepEqual(
      steps.map((row) => ({ ...row })),
      [
        { run_id: 'run-1', mode: 'full', change: null, row_count: '1', updated_rows: null, deleted_rows: null },
        {
          run_id: 'run-2',
          mode: 'incremental',
          change: 'new_rows',
          row_count: '2',
          updated_rows: '1',
          deleted_rows: '0',
        },
      ],
    );
  });

  it('keeps the songplay_id of every play that stays, with its song once that has come', async () => {
    const other = { song: 'Soul Deep', artist: 'The Box Tops', length: 148.03546 };
    await loading.put('log_data/2.json', event({ ...other, itemInSession: 2 }) + event({ itemInSession: 3 }));
    await loading.load();
    const plays = () => loading.query('select songplay_id, item_in_session, song_id from songplays order by 2');
    const before = (await plays()).map((row) => ({ ...row }));
    assert.deepEqual(
      before.map((row) => row.song_id),
      ['SOZCTXZ12AB0182364', null, 'SOZCTXZ12AB0182364'],
    );
    const late = {
      ...(JSON.parse(song()) as object),
      ...{ song_id: 'SO9', title: other.song, artist_name: other.artist },
    };
    await loading.put('song_data/2.json', JSON.stringify({ ...late, artist_id: 'AR9', duration: other.length }));
    const { transformed } = await loading.load({ verify: true });
    assert.deepEqual(transformed.songplays, { rows: 1, updatedRows: 1, deletedRows: 0, alreadyDone: false });
    assert.deepEqual(
      (await plays()).map((row) => ({ ...row })),
      before.map((row) => (row.song_id === null ? { ...row, song_id: 'SO9' } : row)),
    );
  });

  it('catches up with what came while its step was skipped', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2, userId: '27', ts: 1541440182797 }));
    await loading.load({ skip: ['users', 'songplays', 'time'] });
    await loading.put('log_data/3.json', event({ itemInSession: 3, userId: '28', ts: 1541440182798 }));
    assert.equal(
      await basesAfter({}, ['users', 'songplays', 'time']),
      'users: new_rows, songplays: new_rows, time: new_rows',
    );
    assert.deepEqual(await column('select user_id from users order by 1'), ['26', '27', '28']);
    assert.equal((await column('select start_time from time')).length, 3);
    assert.deepEqual(await loading.failedChecks(), []);
  });

  it('catches up where only the table in between was skipped', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2, ts: 1541440182797 }));
    await loading.load({ skip: ['songplays'] });
    assert.equal((await column('select start_time from time')).length, 1);
    await loading.load({ verify: true });
    assert.equal((await column('select start_time from time')).length, 2);
    assert.deepEqual(await loading.failedChecks(), []);
  });

  it('compares with the whole definition when files were loaded anew, and deletes what is gone', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2, userId: '27', ts: 1541440182797 }));
    await loading.load();
    await loading.put('log_data/2.json', event({ itemInSession: 5, userId: '28', ts: 1541440182799 }));
    assert.equal(
      await basesAfter(),
      'users: definition, artists: new_rows, songs: new_rows, songplays: definition, time: definition',
    );
    assert.deepEqual(await column('select user_id from users order by 1'), ['26', '28']);
    assert.deepEqual(await column('select item_in_session from songplays order by 1'), ['1', '5']);
    assert.equal((await column('select start_time from time')).length, 2);
    assert.equal(
      await basesAfter(),
      'users: new_rows, artists: new_rows, songs: new_rows, songplays: new_rows, time: new_rows',
    );
  });

  it('compares with the whole definition when rows of the table were added or removed by others', async () => {
    await loading.query('delete from songplays');
    await loading.query('insert into users (user_id) values (99)');
    assert.equal(
      await basesAfter(),
      // What time is made of was rebuilt; in full, for the change did not come from new events.
      'users: definition, artists: new_rows, songs: new_rows, songplays: definition, time: definition',
    );
    assert.deepEqual(await column('select user_id from users'), ['26']);
    assert.deepEqual(await column('select item_in_session from songplays'), ['1']);
  });

  it('compares with the whole definition after its statement has changed', async () => {
    const { sql, ...rest } = loading.warehouse.transform('users');
    const statement = { ...rest, sql: `${sql} and userid > 0` };
    const { schema } = loading;
    const run = (runId: string) => {
      const key = { workflowId: schema, runId, step: 'users', schema, table: 'users' };
      return loading.server.inSession(
        (session) => transformTable(session, { key, statement, reads: [], mode: 'incremental' }),
        {
          schema,
        },
      );
    };
    await run('a');
    await run('b');
    const changes = await column(
      `select change from starshift.load_steps where table_schema = '${schema}' and run_id in ('a', 'b') order by run_id`,
    );
    assert.deepEqual(changes, ['definition', 'new_rows']);
  });

  it('takes the rows as they are, whichever run has staged them', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2 }));
    await loading.load({ mode: 'full', skip: STAR });
    assert.deepEqual(await transform('songplays', 'another-run'), {
      ...{ rows: 1, updatedRows: 0, deletedRows: 0, alreadyDone: false },
    });
  });

  it('changes nothing when it fails', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2, userId: '27' }));
    await loading.load({ skip: STAR });
    const { schema, warehouse } = loading;
    const { incremental, ...users } = warehouse.transform('users');
    assert.ok(incremental !== undefined);
    const twice = `${incremental.query} union all select 27, 'Ann', 'Lee', 'F', 'paid'`;
    const statement = { ...users, incremental: { ...incremental, query: twice } };
    const key = { workflowId: schema, runId: 'x', step: 'users', schema, table: 'users' };
    const request = { key, statement, reads: [], mode: 'incremental' } as const;
    await assert.rejects(
      loading.server.inSession((session) => transformTable(session, request), { schema }),
      { kind: 'duplicateKeys' },
    );
    assert.deepEqual(await column('select user_id from users'), ['26']);
    assert.equal((await transform('users', 'y')).rows, 1);
  });

  it('is done once when two attempts run at the same time', async () => {
    await loading.put('log_data/2.json', event({ itemInSession: 2 }) + event({ itemInSession: 3 }));
    await loading.load({ skip: STAR });
    const facts = await Promise.all([transform('songplays', 'x'), transform('songplays', 'x')]);
    assert.deepEqual(
      facts.map(({ rows }) => rows),
      [2, 2],
    );
    assert.equal(facts.filter(({ alreadyDone }) => !alreadyDone).length, 1);
    assert.equal((await column('select 1 from songplays')).length, 3);
  });

  for (const mode of ['incremental', 'full'] as const) {
    it(`shows readers the rows from before or from after, and nothing between, when the load is ${mode}`, async () => {
      await loading.put('log_data/1.json', event({ itemInSession: 2 }) + event({ itemInSession: 3 }));
      await loading.load({ mode: 'full', skip: STAR });
      const { schema, server } = loading;
      const seen = new Set<string>();
      await server.inSession(
        async (reader) => {
          const read = async (): Promise<void> => {
            const sql = 'select item_in_session from songplays order by 1';
            const { rows } = await reader.run({ sql, action: 'Test' });
            seen.add(rows.map((row) => row.item_in_session).join(' '));
          };
          await read();
          let working = true;
          const ended = transform('songplays', 'x', mode).finally(() => {
            working = false;
          });
          while (working) await read();
          await ended;
          await read();
        },
        { schema },
      );
      assert.deepEqual([...seen], ['1', '2 3']);
    });
  }
});
