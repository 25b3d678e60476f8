import assert from 'node:assert/strict';
import { type QuarantineFilter, readQuarantine } from '../../../../src/adapters/redshift/ledger/quarantine.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';
import { LedgerFixture } from '../ledger-fixture.js';

const BUCKET = 's3://music/in';
const url = (name: string) => `${BUCKET}/${name}`;

describe('quarantine of the ledger', () => {
  let warehouse: TestWarehouse;
  let ledger: LedgerFixture;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });

  after(() => restore());

  beforeEach(async () => {
    ledger = new LedgerFixture(warehouse, uniqueName('quarantine_'));
    await ledger.begin();
    await ledger.step('staging', { change: 'full', load_number: 1 });
  });

  const read = (filter: Partial<QuarantineFilter> = {}) =>
    warehouse.inSession((session) => readQuarantine(session, { schema: ledger.schema, ...filter }));

  const openFiles = async () => (await read()).map((file) => file.url.slice(BUCKET.length + 1));

  it('tells line, column, value, raw text, reason, since when and by which run', async () => {
    const row = { line_number: 7, column_name: 'ts', value: 'abc', raw_text: '{"ts":"abc"}', etag: 'e1' };
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 1, ...row, workflow_id: 'load-1' });
    assert.deepEqual(await read(), [
      {
        ...{ url: url('a.json'), schema: ledger.schema, table: 'staging', wholeFile: false, total: 1, open: 1 },
        entries: [
          {
            ...{ line: 7, column: 'ts', value: 'abc', rawText: '{"ts":"abc"}', reason: 'Invalid digit', etag: 'e1' },
            ...{ loadNumber: 1, workflowId: 'load-1', runId: 'r1', step: 'staging' },
            ...{ quarantinedAt: '2026-01-02T03:04:05Z', open: true, closedBy: null },
          },
        ],
      },
    ]);
  });

  it('keeps rows of a file open that the very same load has taken, and settles them by a later one', async () => {
    await ledger.file('staging', { url: url('a.json'), load_number: 1 });
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 1, line_number: 7 });
    assert.deepEqual(await openFiles(), ['a.json']);
    const later = { workflow_id: 'load-2', load_number: 2, committed_at: '2026-01-05 00:00:00' };
    await ledger.step('staging', { change: 'replace', ...later });
    await ledger.file('staging', { url: url('a.json'), ...later });
    assert.deepEqual(await openFiles(), []);
    const [file] = await read({ closed: true });
    assert.deepEqual([file?.open, file?.total], [0, 1]);
    assert.deepEqual(file?.entries[0]?.closedBy, {
      ...{ loadNumber: 2, workflowId: 'load-2', committedAt: '2026-01-05T00:00:00Z', took: 'file' },
    });
  });

  it('settles what was there before a full load, and keeps what the full load left out itself', async () => {
    await ledger.quarantine('staging', { url: url('old.json'), load_number: 1 });
    await ledger.step('staging', { change: 'full', load_number: 2, workflow_id: 'load-2' });
    await ledger.quarantine('staging', { url: url('new.json'), load_number: 2 });
    assert.deepEqual(await openFiles(), ['new.json']);
    const [, old] = await read({ closed: true });
    assert.equal(old?.url, url('old.json'));
    assert.deepEqual(
      [old?.entries[0]?.closedBy?.took, old?.entries[0]?.closedBy?.loadNumber, old?.wholeFile],
      ['table', 2, true],
    );
  });

  it('speaks of rows, where a file was left out once and has only rejected rows now', async () => {
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 2 });
    await ledger.step('staging', { change: 'full', load_number: 3 });
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 3, line_number: 7 });
    const [file] = await read({ closed: true });
    assert.deepEqual([file?.wholeFile, file?.total, file?.open], [false, 2, 1]);
  });

  it('is not settled by a load of the file into another table, nor of another schema', async () => {
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 1 });
    await ledger.file('other', { url: url('a.json'), load_number: 9 });
    const elsewhere = new LedgerFixture(warehouse, uniqueName('quarantine_'));
    await elsewhere.file('staging', { url: url('a.json'), load_number: 9 });
    await elsewhere.step('staging', { change: 'full', load_number: 9 });
    assert.deepEqual(await openFiles(), ['a.json']);
  });

  it('counts all entries of a file and shows as many as are asked for, by line', async () => {
    for (const line of [30, 4, 12]) {
      await ledger.quarantine('staging', { url: url('a.json'), load_number: 1, line_number: line });
    }
    const [file] = await read({ entriesPerFile: 2 });
    assert.equal(file?.total, 3);
    assert.deepEqual(
      file?.entries.map(({ line }) => line),
      [4, 12],
    );
  });

  it('chooses by table and by file', async () => {
    await ledger.quarantine('staging', { url: url('a.json'), load_number: 1 });
    await ledger.quarantine('songs', { url: url('deep/b.json'), load_number: 1 });
    assert.deepEqual((await read({ table: 'songs' })).length, 1);
    assert.deepEqual(
      (await read({ file: 'b.json' })).map((file) => file.table),
      ['songs'],
    );
    assert.deepEqual(await read({ file: "x' or 'a' = 'a" }), []);
  });
});
