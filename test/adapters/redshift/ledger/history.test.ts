import assert from 'node:assert/strict';
import {
  countSteps,
  findLedgerColumns,
  readFileLoads,
  readLatestFiles,
  readLedgerNames,
  readSteps,
} from '../../../../src/adapters/redshift/ledger/history.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';
import { LedgerFixture } from '../ledger-fixture.js';

const BUCKET = 's3://music/in';

describe('history of the ledger', () => {
  const schema = uniqueName('history_');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    const ledger = new LedgerFixture(warehouse, schema);
    await ledger.begin();
    const first = { mode: 'full', change: 'full', load_number: 1, committed_at: '2026-01-01 00:00:01' };
    await ledger.step('staging', { ...first, row_count: 5, file_count: 2, size_bytes: 20, rejected_rows: 1 });
    await ledger.step('star', { kind: 'transform', mode: 'full', row_count: 5, committed_at: '2026-01-01 00:00:02' });
    const second = { workflow_id: 'more', run_id: 'r2', mode: 'incremental', committed_at: '2026-01-02 00:00:00' };
    await ledger.step('staging', { ...second, change: 'append', load_number: 2, row_count: 2, file_count: 1 });
    const third = { workflow_id: 'more', run_id: 'r3', mode: 'incremental', committed_at: '2026-01-03 00:00:00' };
    await ledger.step('staging', { ...third, change: 'replace', load_number: 3, row_count: 3, deleted_rows: 2 });
    const changed = { change: 'definition', row_count: 3, updated_rows: 2, deleted_rows: 1 };
    await ledger.step('star', { ...third, kind: 'transform', ...changed, committed_at: '2026-01-03 00:00:01' });

    const a = { url: `${BUCKET}/a.json`, etag: 'a1', load_number: 1, row_count: 3 };
    await ledger.file('staging', { ...a, committed_at: '2026-01-01 00:00:01' });
    await ledger.file('staging', { ...a, url: `${BUCKET}/b.json`, etag: 'b1', committed_at: '2026-01-01 00:00:01' });
    const c = { url: `${BUCKET}/deep/c.json`, workflow_id: 'more', run_id: 'r2' };
    await ledger.file('staging', {
      ...c,
      etag: 'c1',
      load_number: 2,
      row_count: 2,
      committed_at: '2026-01-02 00:00:00',
    });
    await ledger.file('staging', {
      ...c,
      run_id: 'r3',
      etag: 'c2',
      load_number: 3,
      committed_at: '2026-01-03 00:00:00',
    });
    await ledger.quarantine('staging', { url: `${BUCKET}/a.json`, etag: 'a1', load_number: 1, line_number: 2 });
    await ledger.step('other', { load_number: 1, change: 'full' });
    await ledger.step('other', { load_number: 2, change: 'full' });
    await ledger.file('other', { url: `${BUCKET}/x_c.json`, etag: 'x', load_number: 1 });
  });

  after(() => restore());

  it('lists the committed steps, newest first, with what each did', async () => {
    const steps = await warehouse.inSession((session) => readSteps(session, { schema, table: 'staging' }));
    assert.deepEqual(
      steps.map(({ workflowId, change, rows, deletedRows, loadNumber }) => ({
        workflowId,
        change,
        rows,
        deletedRows,
        loadNumber,
      })),
      [
        { workflowId: 'more', change: 'replace', rows: 3, deletedRows: 2, loadNumber: 3 },
        { workflowId: 'more', change: 'append', rows: 2, deletedRows: null, loadNumber: 2 },
        { workflowId: 'load', change: 'full', rows: 5, deletedRows: null, loadNumber: 1 },
      ],
    );
    assert.deepEqual(steps[2], {
      ...{ workflowId: 'load', runId: 'r1', step: 'staging', kind: 'stage', mode: 'full', change: 'full' },
      ...{ schema, table: 'staging', loadNumber: 1, rows: 5, updatedRows: null, deletedRows: null, rejectedRows: 1 },
      ...{ quarantinedFiles: null, files: 2, sizeBytes: 20, committedAt: '2026-01-01T00:00:01Z' },
    });
  });

  it('gives the time in UTC whatever the format of dates in the session', async () => {
    const [step] = await warehouse.inSession(async (session) => {
      await session.run({ sql: "set datestyle to 'SQL, DMY'", action: 'Test' });
      return readSteps(session, { schema, table: 'star', limit: 1 });
    });
    assert.equal(step?.committedAt, '2026-01-03T00:00:01Z');
    assert.deepEqual([step?.change, step?.updatedRows, step?.deletedRows], ['definition', 2, 1]);
  });

  it('finds what a run committed, by workflow id or run id', async () => {
    const tables = async (run: string) =>
      (await warehouse.inSession((session) => readSteps(session, { schema, run }))).map(({ table }) => table);
    assert.deepEqual(await tables('more'), ['star', 'staging', 'staging']);
    assert.deepEqual(await tables('r3'), ['star', 'staging']);
    assert.deepEqual(await tables('no-such-run'), []);
  });

  it('tells steps that changed something from those that did not', async () => {
    const idle = new LedgerFixture(warehouse, `${schema}_idle`);
    const nothing = { mode: 'incremental', row_count: 0 };
    await idle.step('staging', { ...nothing, committed_at: '2026-01-01 00:00:01' });
    await idle.step('kept', { ...nothing, quarantined_files: 1, committed_at: '2026-01-01 00:00:02' });
    await idle.step('empty', { mode: 'full', change: 'full', committed_at: '2026-01-01 00:00:03' });
    await idle.step('made', { kind: 'create', committed_at: '2026-01-01 00:00:04' });
    await idle.step('gone', { ...nothing, kind: 'transform', deleted_rows: 1, committed_at: '2026-01-01 00:00:05' });
    await idle.step('star', { ...nothing, kind: 'transform', updated_rows: 0, committed_at: '2026-01-01 00:00:06' });
    await warehouse.inSession(async (session) => {
      const names = async (changed: boolean) =>
        (await readSteps(session, { schema: idle.schema, changed })).map(({ table }) => table);
      assert.deepEqual(await names(true), ['gone', 'made', 'empty', 'kept']);
      assert.deepEqual(await names(false), ['star', 'staging']);
      assert.equal(await countSteps(session, { schema: idle.schema, changed: false }), 2);
      const since = '2026-01-01T00:00:02Z';
      assert.equal(await countSteps(session, { schema: idle.schema, changed: false, since }), 1);
    });
  });

  const loads = async (file: string) =>
    (await warehouse.inSession((session) => readFileLoads(session, { schema, file }))).map(
      ({ url, etag, loadNumber, inTable }) => [url.slice(BUCKET.length), etag, loadNumber, inTable],
    );

  it('tells which versions of a file were loaded and which one is in the table', async () => {
    assert.deepEqual(await loads(`${BUCKET}/deep/c.json`), [
      ['/deep/c.json', 'c2', 3, true],
      ['/deep/c.json', 'c1', 2, false],
    ]);
  });

  it('finds a file by its key and by the end of its path, not in the middle of a name', async () => {
    assert.deepEqual(await loads('in/a.json'), [['/a.json', 'a1', 1, true]]);
    assert.deepEqual(await loads('/b.json'), [['/b.json', 'b1', 1, true]]);
    assert.deepEqual((await loads('c.json')).length, 2);
    assert.deepEqual(await loads('%.json'), []);
  });

  it('knows that a full load has taken a file out of the table', async () => {
    assert.deepEqual(await loads('x_c.json'), [['/x_c.json', 'x', 1, false]]);
  });

  it('does not count rejected rows among the rows of a file', async () => {
    const [load] = await warehouse.inSession((session) => readFileLoads(session, { schema, file: 'a.json' }));
    assert.deepEqual([load?.rows, load?.rejectedRows], [2, 1]);
  });

  it('takes names that would be SQL as names', async () => {
    for (const name of ["x' or 'a' = 'a", '\\', "\\' or 1 = 1 --"]) {
      assert.deepEqual(await loads(name), []);
      assert.deepEqual(await warehouse.inSession((session) => readSteps(session, { schema, table: name })), []);
    }
  });

  it('names what there is to ask for', async () => {
    const names = await warehouse.inSession((session) => readLedgerNames(session, schema));
    assert.deepEqual(names.tables, ['other', 'staging', 'star']);
    assert.ok(names.schemas.includes(schema));
    assert.ok(names.workflowIds.includes('more'));
    const files = await warehouse.inSession((session) => readLatestFiles(session, schema));
    assert.equal(files.length, 4);
  });

  it('reads the ledger beside a load that writes it, waits for nothing and locks nothing', async () => {
    await warehouse.inSession(async (writer) => {
      await writer.transaction(async () => {
        await writer.run({
          sql: `insert into starshift.load_steps (workflow_id, run_id, step, kind, table_schema, table_name, row_count, file_count,
            size_bytes, rejected_rows, committed_at) values ('w', 'r', 's', 'stage', '${schema}', 'later', 0, 0, 0, 0, getdate())`,
          action: 'Test',
        });
        const steps = await warehouse.inSession((session) => readSteps(session, { schema, table: 'later' }));
        assert.deepEqual(steps, []);
      });
    });
  });

  it('tells which columns the ledger has', async () => {
    const columns = await warehouse.inSession((session) => findLedgerColumns(session));
    assert.deepEqual([...columns.keys()].sort(), ['load_files', 'load_steps', 'quarantine']);
    assert.ok(columns.get('load_steps')?.has('load_number'));
  });
});
