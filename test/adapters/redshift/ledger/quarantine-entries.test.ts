import assert from 'node:assert/strict';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { Staging } from '../../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

const MORE = { incremental: true };
const DIGIT = "Invalid digit, Value 'x', Pos 0, Type: Long";

describe('quarantine', () => {
  const schema = uniqueName('quarantine_');
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
    await staging.put('2.json', [{ id: 3 }]);
  });

  function entries(columns: string) {
    return staging.ledger('quarantine', columns, 'url, line_number');
  }

  it('gets every row that COPY rejected within maxErrors: file, line, column, value, the line itself and the reason', async () => {
    const facts = await staging.load('r1', { maxErrors: 5 });
    assert.deepEqual(
      [facts.rows, facts.rejectedRows, facts.rejects.length, facts.quarantinedFiles],
      [3, 2, 2, undefined],
    );
    const url = staging.url('1.json');
    assert.deepEqual(await entries('load_number, url, line_number, column_name, value, raw_text, reason'), [
      {
        ...{ load_number: '1', url, line_number: '2', column_name: 'id', value: 'x' },
        ...{ raw_text: '{"id":"x","level":"free"}', reason: DIGIT },
      },
      {
        ...{ load_number: '1', url, line_number: '4', column_name: 'id', value: 'x2' },
        ...{ raw_text: '{"id":"x2"}', reason: DIGIT },
      },
    ]);
  });

  it('gets all of very many rejected rows', async () => {
    await staging.put(
      '1.json',
      Array.from({ length: 2_345 }, () => ({ id: 'x', level: 'it\'s \\ "so" ü' })),
    );
    const facts = await staging.load('r1', { maxErrors: 5_000 });
    assert.deepEqual([facts.rows, facts.rejectedRows, facts.rejects.length], [1, 2_345, 20]);
    assert.deepEqual(await staging.ledger('quarantine', 'count(distinct line_number) as lines, count(*) as total'), [
      { lines: '2345', total: '2345' },
    ]);
  });

  it('gets nothing from a load that fails', async () => {
    await assert.rejects(staging.load('r1'), { kind: 'copyRejectedRows' });
    assert.deepEqual(await entries('url'), []);
  });

  it('gets a file that was left out of a full load, with the line that it was left out for', async () => {
    const error = await staging.load('r1').then(
      () => assert.fail('The file has wrong rows.'),
      (rejection: Error) => rejection,
    );
    const facts = await staging.load('r1', { exclude: [`${staging.folder}1.json`], reason: error.message });
    assert.deepEqual([facts.rows, facts.files, facts.rejectedRows, facts.quarantinedFiles], [1, 1, 0, 1]);
    assert.deepEqual(await entries('load_number, url, line_number, raw_text, reason'), [
      {
        ...{ load_number: '1', url: staging.url('1.json'), line_number: null },
        ...{ raw_text: '{"id":"x","level":"free"}', reason: error.message },
      },
    ]);
    assert.deepEqual(await staging.load('r1'), { ...facts, alreadyDone: true });
  });

  it('keeps a file out of later incremental loads until it has changed', async () => {
    await staging.load('r1', { ...MORE, exclude: [staging.url('1.json')] });
    assert.deepEqual((await staging.list('r2', MORE)).difference, {
      ...{ asOf: 1, known: 1, reloaded: 0, quarantined: 1, replaces: [] },
    });
    assert.equal((await staging.load('r2', MORE)).rows, 0);
    await staging.put('1.json', [{ id: 1 }, { id: 2 }]);
    assert.deepEqual((await staging.list('r3', MORE)).difference, {
      ...{ asOf: 1, known: 1, reloaded: 0, quarantined: 0, replaces: [] },
    });
    assert.equal((await staging.load('r3', MORE)).rows, 2);
    assert.equal((await staging.load('r4', MORE)).rows, 0);
    assert.deepEqual(await staging.column(), ['1', '2', '3']);
  });

  it('keeps a file out until it is asked for', async () => {
    await staging.load('r1', { ...MORE, exclude: [staging.url('1.json')] });
    const facts = await staging.load('r2', { ...MORE, maxErrors: 2, reload: [staging.url('1.json')] });
    assert.deepEqual([facts.rows, facts.rejectedRows], [2, 2]);
    // Its rows are in the table now, and those that are not lie in quarantine by themselves.
    assert.equal((await staging.list('r3', MORE)).difference?.quarantined, 0);
  });

  it('forgets what was left out with the next full load that takes it', async () => {
    await staging.load('r1', { exclude: [staging.url('1.json')] });
    await staging.load('r2', { maxErrors: 2 });
    assert.deepEqual((await staging.list('r3', MORE)).difference, {
      ...{ asOf: 2, known: 2, reloaded: 0, quarantined: 0, replaces: [] },
    });
  });

  it('gets a file once, however often it is left out', async () => {
    const options = { ...MORE, exclude: [staging.url('1.json')] };
    await staging.load('r1', options);
    assert.equal((await staging.load('r2', options)).quarantinedFiles, undefined);
    assert.deepEqual(await entries('load_number'), [{ load_number: '1' }]);
  });

  it('gets a file of an old listing once', async () => {
    const options = { ...MORE, exclude: [staging.url('1.json')] };
    const listing = await staging.list('r1', options);
    assert.equal((await staging.copy('r1', listing)).quarantinedFiles, 1);
    const again = await staging.copy('reset', listing);
    assert.deepEqual([again.rows, again.quarantinedFiles], [0, undefined]);
    assert.deepEqual(await entries('load_number'), [{ load_number: '1' }]);
  });

  it('does not get a file whose rows are in the table', async () => {
    await staging.load('r1', { maxErrors: 5 });
    const facts = await staging.load('r2', { ...MORE, exclude: [staging.url('2.json')] });
    assert.equal(facts.quarantinedFiles, undefined);
  });

  it('records rejected rows of an incremental load with its number', async () => {
    await staging.load('r1', { exclude: [staging.url('1.json')] });
    await staging.load('r2', { ...MORE, maxErrors: 2, reload: [staging.url('1.json')] });
    assert.deepEqual(await entries('load_number, line_number'), [
      { load_number: '2', line_number: '2' },
      { load_number: '2', line_number: '4' },
      { load_number: '1', line_number: null },
    ]);
  });
});
