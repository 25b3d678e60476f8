import assert from 'node:assert/strict';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

describe('COPY columns', () => {
  let fixture: CopyFixture;

  before(async () => {
    fixture = await copyFixture();
  });

  it('skips identity columns unless EXPLICIT_IDS is given', async () => {
    await fixture.rows('create table col_identity (id bigint identity(0, 1), a int)');
    await fixture.loadJson('col_identity', '{"id":7,"a":1}{"a":2}');
    assert.deepEqual(await fixture.rows('select id, a from col_identity order by a'), [
      ['0', '1'],
      ['1', '2'],
    ]);
    await fixture.loadJson('col_identity', '{"id":7,"a":3}', 'explicit_ids');
    assert.deepEqual(await fixture.rows('select id from col_identity where a = 3'), [['7']]);
  });

  it('gives omitted columns their default and unmatched ones NULL', async () => {
    await fixture.rows("create table col_default (a int, b varchar(9) default 'dflt')");
    await fixture.put('col_default/x.json', '{"a":1}');
    await fixture.copy(`copy col_default (a) from 's3://${BUCKET}/col_default/' ${ROLE} json 'auto'`);
    await fixture.copy(`copy col_default from 's3://${BUCKET}/col_default/' ${ROLE} json 'auto'`);
    assert.deepEqual(await fixture.rows('select a, b from col_default order by b nulls last'), [
      ['1', 'dflt'],
      ['1', null],
    ]);
  });

  it('maps JSONPaths to the column list in its order', async () => {
    await fixture.rows('create table col_paths (a int, b int, c varchar(20))');
    await fixture.put('col_paths.json', '{"jsonpaths":["$.deep.list[1]","$.c","$.a"]}');
    await fixture.put('col_paths/x.json', '{"a":1,"c":{"x":1},"deep":{"list":[8,9]}}');
    await fixture.copy(
      `copy col_paths (b, c, a) from 's3://${BUCKET}/col_paths/' ${ROLE} format json as 's3://${BUCKET}/col_paths.json'`,
    );
    assert.deepEqual(await fixture.rows('select a, b, c from col_paths'), [['1', '9', '{"x":1}']]);
  });

  it('refuses JSONPaths of another number than the columns', async () => {
    await fixture.rows('create table col_count (a int, b int)');
    await fixture.put('col_count.json', `{"jsonpaths":["$['a']"]}`);
    await fixture.put('col_count/x.json', '{"a":1}');
    const copy = fixture.copy(
      `copy col_count from 's3://${BUCKET}/col_count/' ${ROLE} json 's3://${BUCKET}/col_count.json'`,
    );
    const message =
      'Number of jsonpaths and the number of columns should match. JSONPath size: 1, Number of columns in table or column list: 2';
    await assert.rejects(copy, (error: Error & { detail?: string }) => {
      assert.equal(error.message, message);
      assert.match(error.detail ?? '', /error: {2}Number of jsonpaths .*\n {2}code: {6}8001\n/);
      return true;
    });
  });

  it('refuses malformed JSONPaths', async () => {
    await fixture.rows('create table col_bad (a int)');
    await fixture.put('col_bad/x.json', '{"a":1}');
    for (const file of [
      '{"jsonpaths":["$.a"]} {}',
      '{"jsonpaths":[""]}',
      '{"jsonpaths":["$.*"]}',
      '{"jsonpaths":["a"]}',
      '[]',
    ]) {
      await fixture.put('col_bad.json', file);
      const copy = fixture.copy(
        `copy col_bad from 's3://${BUCKET}/col_bad/' ${ROLE} json 's3://${BUCKET}/col_bad.json'`,
      );
      await assert.rejects(copy, /Invalid JSONPath/);
    }
  });

  it('names a table or column that does not exist', async () => {
    await assert.rejects(fixture.copy(`copy nowhere from 's3://${BUCKET}/x' ${ROLE} json 'auto'`), {
      code: '42P01',
      message: 'Cannot COPY into nonexistent table nowhere',
    });
    await assert.rejects(fixture.copy(`copy col_bad (zz) from 's3://${BUCKET}/x' ${ROLE} json 'auto'`), {
      code: '42703',
      message: 'column "zz" of relation "col_bad" does not exist',
    });
  });
});
