import assert from 'node:assert/strict';
import {
  applyDifference,
  type DifferenceRequest,
} from '../../../../src/adapters/redshift/transform/table-difference.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

describe('table difference', () => {
  const schema = uniqueName('difference_');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
  });

  after(() => restore());

  /** A table t with these rows, as `(1, 'a')` literals. */
  async function table(columns: string, rows: readonly string[], names = ''): Promise<void> {
    await warehouse.query('drop table if exists t', schema);
    await warehouse.query(`create table t (${columns})`, schema);
    if (rows.length > 0) await warehouse.query(`insert into t ${names} values ${rows.join(', ')}`, schema);
  }

  function apply(request: Pick<DifferenceRequest, 'query' | 'columns' | 'key'> & { readonly whole?: boolean }) {
    const work = { whole: true, ...request, target: { schema, table: 't' } };
    return warehouse.inSession((session) => session.transaction(() => applyDifference(session, work)), { schema });
  }

  async function rows(sql = 'select * from t order by 1, 2'): Promise<readonly string[]> {
    return (await warehouse.query(sql, schema)).map((row) => Object.values(row).join(' '));
  }

  const values = (...literals: readonly string[]): string =>
    literals.map((literal) => `select ${literal}`).join(' union all ');

  it('inserts, updates and deletes by key, and leaves every other row alone', async () => {
    await table(
      'n bigint identity(0, 1), id integer, name varchar(9)',
      ["(1, 'a')", "(2, 'b')", "(3, 'c')"],
      '(id, name)',
    );
    const facts = await apply({ key: ['id'], columns: ['id', 'name'], query: values("1, 'a'", "2, 'B'", "4, 'd'") });
    assert.deepEqual(facts, { inserted: 1, updated: 1, deleted: 1, wanted: 3 });
    const [first, second, third] = await rows('select n, id, name from t order by id');
    // What IDENTITY gave to rows that stay stays; what it gives next is beyond them.
    assert.deepEqual([first, second], ['0 1 a', '1 2 B']);
    assert.match(third ?? '', /^\d+ 4 d$/);
  });

  it('writes no row when nothing differs', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')", '(2, null)']);
    const versions = () => rows('select xmin, ctid, id from t order by id');
    const before = await versions();
    const request = { key: ['id'], columns: ['id', 'name'], query: values("1, 'a'", '2, null') };
    assert.deepEqual(await apply(request), { inserted: 0, updated: 0, deleted: 0, wanted: 2 });
    assert.deepEqual(await apply({ ...request, whole: false }), { inserted: 0, updated: 0, deleted: 0, wanted: 2 });
    assert.deepEqual(await versions(), before);
  });

  it('tells null from a value, in the columns beside the key too', async () => {
    await table('id integer, a varchar(9), b double precision', [
      "(1, 'a', null)",
      '(2, null, 1.5)',
      '(3, null, null)',
    ]);
    const query = values('1, null, null::double precision', "2, 'b', null", '3, null, null');
    const facts = await apply({ key: ['id'], columns: ['id', 'a', 'b'], query });
    assert.deepEqual(facts, { inserted: 0, updated: 2, deleted: 0, wanted: 3 });
    assert.deepEqual(await rows(), ['1  ', '2 b ', '3  ']);
  });

  it('takes null for a value of the key, in each of its columns and in all of them', async () => {
    const held = ["(1, 1, 'a')", "(1, null, 'b')", "(null, 1, 'c')", "(null, null, 'd')", "(2, null, 'e')"];
    const query = values(
      "1, 1, 'A'",
      "1, null, 'B'",
      "null, 1, 'C'",
      "null, null, 'D'",
      "null, 3, 'f'",
      "3, null, 'g'",
    );
    for (const whole of [true, false]) {
      await table('x integer, y integer, name varchar(9)', held);
      const facts = await apply({ key: ['x', 'y'], columns: ['x', 'y', 'name'], query, whole });
      assert.deepEqual(facts, { inserted: 2, updated: 4, deleted: whole ? 1 : 0, wanted: 6 });
      assert.deepEqual(await rows('select coalesce(x, 0) as x0, coalesce(y, 0) as y0, name from t order by name'), [
        ...['1 1 A', '1 0 B', '0 1 C', '0 0 D'],
        ...(whole ? [] : ['2 0 e']),
        ...['0 3 f', '3 0 g'],
      ]);
    }
  });

  it('works on a table of one column, and on one whose columns are all key', async () => {
    await table('id integer', ['(1)', '(2)', '(null)']);
    assert.deepEqual(await apply({ key: ['id'], columns: ['id'], query: values('2', '3', 'null') }), {
      ...{ inserted: 1, updated: 0, deleted: 1, wanted: 3 },
    });
    assert.deepEqual(await rows('select id from t order by id'), ['2', '3', '']);
    await table('x integer, y integer', ['(1, 1)', '(1, null)']);
    assert.deepEqual(await apply({ key: ['y', 'x'], columns: ['x', 'y'], query: values('1, null', '1, 2') }), {
      ...{ inserted: 1, updated: 0, deleted: 1, wanted: 2 },
    });
  });

  it('only adds and changes rows when the query gives some keys and not the whole table', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')", "(2, 'b')", "(3, 'c')"]);
    const facts = await apply({
      key: ['id'],
      columns: ['id', 'name'],
      query: values("3, 'C'", "4, 'd'"),
      whole: false,
    });
    assert.deepEqual(facts, { inserted: 1, updated: 1, deleted: 0, wanted: 2 });
    assert.deepEqual(await rows(), ['1 a', '2 b', '3 C', '4 d']);
  });

  it('leaves one row of a key that the table holds several times', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')", "(1, 'a')", "(2, 'b')", "(2, 'x')", "(3, 'c')"]);
    const query = values("1, 'a'", "2, 'b'", "3, 'c'");
    assert.deepEqual(await apply({ key: ['id'], columns: ['id', 'name'], query }), {
      ...{ inserted: 2, updated: 0, deleted: 4, wanted: 3 },
    });
    assert.deepEqual(await rows(), ['1 a', '2 b', '3 c']);
  });

  it('loses no new row beside a key that the table holds several times, when the query gives some keys', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')", "(1, 'b')", "(null, 'x')", "(null, 'y')", "(3, 'c')"]);
    const query = values("1, 'A'", "2, 'b'", "null, 'x'");
    assert.deepEqual(await apply({ key: ['id'], columns: ['id', 'name'], query, whole: false }), {
      ...{ inserted: 3, updated: 0, deleted: 4, wanted: 3 },
    });
    assert.deepEqual(await rows(), ['1 A', '2 b', '3 c', ' x']);
  });

  it('leaves columns alone that the statement does not fill, and gives new rows their default', async () => {
    await table("id integer, name varchar(9), note varchar(9) default 'new'", ["(1, 'a', 'mine')"]);
    await apply({ key: ['id'], columns: ['name', 'id'], query: values("'A', 1", "'b', 2") });
    assert.deepEqual(await rows(), ['1 A mine', '2 b new']);
  });

  it('compares values as the table stores them', async () => {
    await table('id integer, name char(3), at timestamp', ["(1, 'ab', '2018-11-05 10:00:00')"]);
    const query = values("'1'::smallint, 'ab'::varchar(3), '2018-11-05'::date + interval '10 hours'");
    const facts = await apply({ key: ['id'], columns: ['id', 'name', 'at'], query });
    assert.deepEqual(facts, { inserted: 0, updated: 0, deleted: 0, wanted: 1 });
  });

  it('refuses a query that gives a key twice, and changes nothing', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')"]);
    const query = values("2, 'b'", "2, 'B'", "2, 'B'", "null, 'c'", "null, 'd'", "3, 'e'");
    await assert.rejects(apply({ key: ['id'], columns: ['id', 'name'], query }), (error: Error) => {
      const { kind, details, message } = error as Error & { kind: string; details: readonly unknown[] };
      assert.equal(kind, 'duplicateKeys');
      assert.equal(
        message,
        'load/t.sql gives more than one row for 2 keys of t: id=2 (3 rows); id=null (2 rows). Nothing was changed. ' +
          'Make the statement give one row a key (row_number() over (partition by ...)), or name in warehouse.yaml the key that tells its rows apart.',
      );
      assert.deepEqual(details, ['id=2 (3 rows)', 'id=null (2 rows)']);
      return true;
    });
    assert.deepEqual(await rows(), ['1 a']);
  });

  it('says which columns of the key the statement lacks', async () => {
    await table('id integer, name varchar(9)', []);
    await assert.rejects(apply({ key: ['id', 'name'], columns: ['name'], query: values("'a'") }), {
      kind: 'invalidWarehouse',
      message:
        'An incremental load of t needs its whole key, and load/t.sql does not give id. ' +
        'Name in warehouse.yaml, as the key of t, columns that the statement fills, or load with "mode": "full".',
    });
  });

  it('is not misled by tables that are called like its own', async () => {
    await table('id integer, name varchar(9)', ["(1, 'a')"]);
    for (const name of ['wanted', 'fresh', 'held', 'gone']) {
      await warehouse.query(`create table if not exists ${name} (id integer, name varchar(9))`, schema);
      await warehouse.query(`insert into ${name} values (9, '${name}')`, schema);
    }
    const query = 'select id, name from wanted union all select id + 1, name from gone';
    assert.deepEqual(await apply({ key: ['id'], columns: ['id', 'name'], query }), {
      ...{ inserted: 2, updated: 0, deleted: 1, wanted: 2 },
    });
    assert.deepEqual(await rows(), ['9 wanted', '10 gone']);
  });

  it('can be applied again and again in one session', async () => {
    await table('id integer, name varchar(9)', []);
    const work = { target: { schema, table: 't' }, key: ['id'], columns: ['id', 'name'], query: values("1, 'a'") };
    await warehouse.inSession(
      async (session) => {
        for (const whole of [true, false, true]) {
          await session.transaction(() => applyDifference(session, { ...work, whole }));
        }
      },
      { schema },
    );
    assert.deepEqual(await rows(), ['1 a']);
  });
});
