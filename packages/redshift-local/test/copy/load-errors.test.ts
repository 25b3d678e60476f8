import assert from 'node:assert/strict';
import pg from 'pg';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

/** What a driver does to cancel: a CancelRequest on a connection of its own. */
function cancel({ client, endpoint }: CopyFixture): void {
  const other = new pg.Client(endpoint.config);
  (other as unknown as { cancel(client: pg.Client, query: unknown): void }).cancel(
    client,
    (client as unknown as { activeQuery?: unknown; _activeQuery?: unknown })._activeQuery,
  );
}

async function untilRow(client: pg.Client, sql: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await client.query(sql)).rows.length === 0) assert.ok(Date.now() < deadline, sql);
}

const FAILED = (table: string): object => ({
  code: 'XX000',
  message: `Load into table '${table}' failed.  Check 'stl_load_errors' system table for details.`,
});

describe('COPY errors', () => {
  let fixture: CopyFixture;

  before(async () => {
    fixture = await copyFixture();
  });

  it('name file, line, column, value and reason, and survive the rollback', async () => {
    await fixture.rows('create table err_rows (id int not null, ts bigint, name varchar(5))');
    await fixture.rows('begin');
    await fixture.rows('insert into err_rows values (1, 1, null)');
    const json = '{"id":1,"ts":2,"name":"ok"}\n{"id":2,\n "ts":"abc", "name":"é"}\n';
    await assert.rejects(fixture.loadJson('err_rows', json), FAILED('err_rows'));
    await assert.rejects(fixture.rows('select 1'), { code: '25P02' });
    await fixture.rows('rollback');
    assert.deepEqual(await fixture.rows('select count(*) from err_rows'), [['0']]);
    assert.deepEqual(await fixture.errors(), [
      ['ts', 'int8', '0', '3', '0', '1207', "Invalid digit, Value 'a', Pos 0, Type: Long", 'abc'],
    ]);
    assert.deepEqual(
      await fixture.rows(`select trim(filename), trim(raw_line), slice, session = pg_backend_pid() from stl_load_errors
                           where query = (select max(query) from stl_load_errors)`),
      [[`s3://${BUCKET}/err_rows/data.json`, '{"id":2,\n "ts":"abc", "name":"."}', '0', 't']],
    );
    assert.deepEqual(
      await fixture.rows(`select trim(column_name), error_code, trim(error_message), table_id = 'err_rows'::regclass::oid::int
                            from sys_load_error_detail where query_id = (select max(query) from stl_load_errors)`),
      [['ts', '1207', "Invalid digit, Value 'a', Pos 0, Type: Long", 't']],
    );
    assert.deepEqual(
      await fixture.rows(`select field, trim(colname), trim(value) from stl_loaderror_detail
                           where query = (select max(query) from stl_load_errors) order by field`),
      [
        ['0', 'id', '2'],
        ['1', 'ts', 'abc'],
      ],
    );
  });

  it('leave no load commits behind, but an aborted row in sys_load_history', async () => {
    await fixture.rows('create table err_commits (id int)');
    await assert.rejects(fixture.loadJson('err_commits', '{"id":1}{"id":"x"}'), FAILED('err_commits'));
    assert.deepEqual(await fixture.rows("select count(*) from stl_load_commits where filename like '%err_commits%'"), [
      ['0'],
    ]);
    assert.deepEqual(
      await fixture.rows(
        "select status, loaded_rows, error_count from sys_load_history where table_name = 'err_commits'",
      ),
      [['aborted', '0', '1']],
    );
  });

  it('are NULL for a NOT NULL column', async () => {
    await fixture.rows('create table err_null (id int not null, b varchar(3))');
    await assert.rejects(fixture.loadJson('err_null', '{"b":"x"}'), FAILED('err_null'));
    assert.deepEqual(await fixture.errors(), [
      ['id', 'int4', '0', '1', '0', '1213', 'Missing data for not-null field', ''],
    ]);
  });

  it('are tolerated below MAXERROR and counted in the notices', async () => {
    await fixture.rows('create table err_max (id int)');
    const json = '{"id":1}\n{"id":"x"}\n{"id" 2}\n{"id":4}\n';
    assert.deepEqual(await fixture.loadJson('err_max', json, 'maxerror 3'), [
      "Load into table 'err_max' completed, 2 record(s) loaded successfully.",
      "Load into table 'err_max' completed, 2 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.",
    ]);
    assert.deepEqual(await fixture.rows('select pg_last_copy_count()'), [['2']]);
    assert.deepEqual(
      (await fixture.errors()).map((row) => [row[3], row[5]]),
      [
        ['2', '1207'],
        ['3', '1216'],
      ],
    );
    await assert.rejects(fixture.loadJson('err_max', json, 'maxerror as 2'), FAILED('err_max'));
    assert.deepEqual(await fixture.rows('select id from err_max order by id'), [['1'], ['4']]);
  });

  it("of other users are hidden from an ordinary user, not from the cluster's admin", async () => {
    await fixture.admin.query(
      `insert into redshift_local.load_error (user_id, query_id, error_message) values (1, 1, 'secret')`,
    );
    const errors = "select 1 from stl_load_errors where err_reason like 'secret%'";
    await fixture.admin.query('create user ordinary');
    const asOrdinary: unknown = await fixture.admin.query(`begin; set local role ordinary; ${errors}; rollback`);
    assert.deepEqual((asOrdinary as { rows: unknown[] }[])[2]?.rows, []);
    assert.equal((await fixture.rows(errors)).length, 1);
  });

  it('are shown late where the session asks for it', async () => {
    await fixture.rows('create table err_late (id int)');
    await fixture.rows("set redshift_local.load_view_lag to '1 hour'");
    await fixture.loadJson('err_late', '{"id":"x"}', 'maxerror 3');
    const count = (view: string, column: string) =>
      fixture.rows(`select count(*) from ${view} where ${column} like '%/err_late/%'`);
    assert.deepEqual(await count('stl_load_errors', 'filename'), [['0']]);
    assert.deepEqual(await count('sys_load_error_detail', 'file_name'), [['0']]);
    await fixture.rows("set redshift_local.load_view_lag to '0s'");
    assert.deepEqual(await count('stl_load_errors', 'filename'), [['1']]);
    assert.deepEqual(await count('sys_load_error_detail', 'file_name'), [['1']]);
  });

  it('are checked without loading by NOLOAD', async () => {
    await fixture.rows('create table err_noload (id int)');
    await fixture.loadJson('err_noload', '{"id":1}', 'noload');
    assert.deepEqual(await fixture.rows('select count(*) from err_noload'), [['0']]);
    await assert.rejects(fixture.loadJson('err_noload', '{"id":"x"}', 'noload'), FAILED('err_noload'));
  });

  it('stop a COPY at once when the client cancels', async () => {
    await fixture.rows('create table err_cancel (id int)');
    const line = '{"id":1}\n'.repeat(100_000);
    await fixture.put('err_cancel/a.json', line.repeat(10));
    const copy = assert.rejects(fixture.copy(`copy err_cancel from 's3://${BUCKET}/err_cancel/' ${ROLE} json 'auto'`), {
      code: '57014',
    });
    const running = "select pid from pg_stat_activity where query like 'copy %err_cancel%' and state = 'active'";
    await untilRow(fixture.admin, running);
    cancel(fixture);
    await copy;
    assert.deepEqual(await fixture.rows('select count(*) from err_cancel'), [['0']]);
  });
});
