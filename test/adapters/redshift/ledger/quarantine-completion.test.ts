import assert from 'node:assert/strict';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { Staging } from '../../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

const OPTIONS = { incremental: true, maxErrors: 5 };

describe('quarantine when the load views lag behind', () => {
  const schema = uniqueName('lagging_');
  let warehouse: TestWarehouse;
  let staging: Staging;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
  });

  after(() => restore());

  beforeEach(async () => {
    staging = new Staging(warehouse, schema, uniqueName('t'));
    await warehouse.query(`create table ${staging.table} (id bigint, level varchar(4))`, schema);
    await staging.put('1.json', [{ id: 1 }, { id: 'x', level: 'free' }, { id: 2 }, { id: 'x2' }]);
  });

  function entries() {
    return staging.ledger(
      'quarantine',
      'load_number, line_number, value, raw_text, length(etag) as etag',
      'line_number',
    );
  }

  const ALL = [
    { load_number: '1', line_number: '2', value: 'x', raw_text: '{"id":"x","level":"free"}', etag: '32' },
    { load_number: '1', line_number: '4', value: 'x2', raw_text: '{"id":"x2"}', etag: '32' },
  ];

  for (const incremental of [false, true]) {
    it(`gets the rows that the views show only after the COMMIT, ${incremental ? 'incremental' : 'full'}`, async () => {
      const facts = await staging.load('r1', { ...OPTIONS, incremental, viewLag: '3s' });
      assert.deepEqual(
        [facts.rows, facts.rejectedRows, facts.rejects.map(({ line }) => line), facts.notInQuarantine],
        [2, 2, [2, 4], undefined],
      );
      assert.deepEqual(await entries(), ALL);
    });
  }

  it('says how many rows it lacks, and gets them with the next attempt of the step, each once', async () => {
    const late = await staging.load('r1', { ...OPTIONS, viewLag: '1 hour' });
    assert.deepEqual([late.rows, late.rejectedRows, late.rejects, late.notInQuarantine], [2, 2, [], 2]);
    assert.deepEqual(await entries(), []);
    const [next, twin] = await Promise.all([staging.load('r1', OPTIONS), staging.load('r1', OPTIONS)]);
    assert.deepEqual([next.alreadyDone, next.rejects.length, next.notInQuarantine], [true, 2, undefined]);
    assert.deepEqual(twin, next);
    assert.deepEqual(await entries(), ALL);
  });

  it('adds only what is missing', async () => {
    await staging.load('r1', OPTIONS);
    await warehouse.query(
      `delete from starshift.quarantine where table_schema = '${schema}' and table_name = '${staging.table}' and line_number = 2`,
    );
    await staging.put('2.json', [{ id: 'x3' }]);
    await staging.load('r2', OPTIONS);
    assert.equal((await staging.load('r1', OPTIONS)).rejects.length, 2);
    const lines = await staging.ledger('quarantine', 'load_number, line_number', 'load_number, line_number');
    assert.deepEqual(lines, [
      { load_number: '1', line_number: '2' },
      { load_number: '1', line_number: '4' },
      { load_number: '2', line_number: '1' },
    ]);
  });
});
