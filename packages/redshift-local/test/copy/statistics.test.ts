import assert from 'node:assert/strict';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

describe('COPY and statistics', () => {
  let fixture: CopyFixture;

  before(async () => {
    fixture = await copyFixture();
  });

  /** What PostgreSQL's planner knows of column `a`: rows of the table, distinct values. */
  async function known(table: string): Promise<unknown> {
    const { rows } = await fixture.admin.query(
      `select c.reltuples::int as rows, s.n_distinct::int as distinct
         from pg_class c left join pg_stats s on s.tablename = c.relname and s.attname = 'a' where c.relname = $1`,
      [table],
    );
    return { ...rows[0] };
  }

  async function load(table: string, options = ''): Promise<string[]> {
    const json = Array.from({ length: 600 }, (_, index) => JSON.stringify({ a: index % 3 })).join('\n');
    return fixture.loadJson(table, json, options);
  }

  it('are there for the next statement', async () => {
    await fixture.rows('create table stat_default (a int)');
    assert.deepEqual(await load('stat_default'), [
      "Load into table 'stat_default' completed, 600 record(s) loaded successfully.",
    ]);
    assert.deepEqual(await known('stat_default'), { rows: 600, distinct: 3 });
  });

  it('are there with STATUPDATE OFF too, for Redshift plans well enough without', async () => {
    await fixture.rows('create table stat_off (a int)');
    await load('stat_off', 'statupdate off');
    assert.deepEqual(await known('stat_off'), { rows: 600, distinct: 3 });
  });

  it('are there inside the transaction of the COPY', async () => {
    await fixture.rows('create table stat_inside (a int)');
    await fixture.rows('begin');
    await load('stat_inside');
    const plan = await fixture.rows("select reltuples::int from pg_class where relname = 'stat_inside'");
    await fixture.rows('rollback');
    assert.deepEqual(plan, [['600']]);
  });

  it('make no noise where the client does not own the table', async () => {
    await fixture.rows('create table stat_foreign (a int)');
    await fixture.rows("create user stat_loader password 'Loader-Pass-123'");
    await fixture.rows('grant select, insert on stat_foreign to stat_loader');
    await fixture.put('stat_foreign/x.json', '{"a":1}');
    const loader = await fixture.endpoint.connect({ user: 'stat_loader', password: 'Loader-Pass-123' });
    const notices: string[] = [];
    loader.on('notice', ({ message }) => notices.push(message ?? ''));
    await loader.query(`copy stat_foreign from 's3://${BUCKET}/stat_foreign/' ${ROLE} json 'auto'`);
    assert.deepEqual(notices, ["Load into table 'stat_foreign' completed, 1 record(s) loaded successfully."]);
  });

  it('stay as they are with NOLOAD', async () => {
    await fixture.rows('create table stat_noload (a int)');
    await fixture.put('stat_noload/x.json', '{"a":1}');
    await fixture.copy(`copy stat_noload from 's3://${BUCKET}/stat_noload/' ${ROLE} json 'auto' noload`);
    assert.deepEqual(await known('stat_noload'), { rows: -1, distinct: null });
  });
});
