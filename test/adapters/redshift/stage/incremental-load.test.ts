import assert from 'node:assert/strict';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { Staging } from '../../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

const MORE = { incremental: true };

describe('incremental load', () => {
  const schema = uniqueName('incremental_');
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

  /** A table of its own for each test. */
  beforeEach(async () => {
    staging = new Staging(warehouse, schema, uniqueName('t'));
    await warehouse.query(`create table ${staging.table} (id bigint not null, level varchar(4))`, schema);
  });

  it('adds the rows of new files to those of a full load, and records which load brought them', async () => {
    await staging.put('1.json', [{ id: 1 }, { id: 2 }]);
    await staging.load('r1');
    await staging.put('2.json', [{ id: 3, level: 'paid' }]);
    const listing = await staging.list('r2', MORE);
    assert.deepEqual(
      { files: listing.files, sizeBytes: listing.sizeBytes, difference: listing.difference },
      { files: 1, sizeBytes: 24, difference: { asOf: 1, known: 1, reloaded: 0, quarantined: 0, replaces: [] } },
    );
    assert.deepEqual(await staging.copy('r2', listing), {
      ...{ rows: 1, files: 1, sizeBytes: 24, rejectedRows: 0, rejects: [], alreadyDone: false },
    });
    assert.deepEqual(await staging.column("id || '/' || coalesce(starshift_load::varchar, 'null')"), [
      '1/null',
      '2/null',
      '3/2',
    ]);
    assert.deepEqual(await staging.ledger('load_steps', 'load_number, mode, change, row_count, file_count'), [
      { load_number: '1', mode: 'full', change: 'full', row_count: '2', file_count: '1' },
      { load_number: '2', mode: 'incremental', change: 'append', row_count: '1', file_count: '1' },
    ]);
    assert.deepEqual(await staging.ledger('load_files', 'load_number, url, row_count'), [
      { load_number: '1', url: staging.url('1.json'), row_count: '2' },
      { load_number: '2', url: staging.url('2.json'), row_count: '1' },
    ]);
  });

  it('begins with an empty table that was never loaded', async () => {
    await staging.put('1.json', [{ id: 1 }]);
    assert.equal((await staging.load('r1', MORE)).rows, 1);
    assert.deepEqual(await staging.column('starshift_load'), ['1']);
  });

  it('loads nothing where there is no new file, and takes no number for it', async () => {
    await staging.put('1.json', [{ id: 1 }]);
    await staging.load('r1');
    const nothing = { rows: 0, files: 0, sizeBytes: 0, rejectedRows: 0, rejects: [] };
    assert.deepEqual(await staging.load('r2', MORE), { ...nothing, alreadyDone: false });
    assert.deepEqual(await staging.load('r2', MORE), { ...nothing, alreadyDone: true });
    await staging.put('2.json', [{ id: 2 }]);
    await staging.load('r3', MORE);
    assert.deepEqual(await staging.column(), ['1', '2']);
    assert.deepEqual(await staging.ledger('load_steps', 'run_id, load_number, change'), [
      { run_id: 'r1', load_number: '1', change: 'full' },
      { run_id: 'r2', load_number: null, change: null },
      { run_id: 'r3', load_number: '2', change: 'append' },
    ]);
  });

  it('does not mistake a table for one of another schema, whatever both are called', async () => {
    const other = `${schema}_staging`;
    await warehouse.query(`create schema ${other}`);
    const twins = [new Staging(warehouse, schema, 'staging_events'), new Staging(warehouse, other, 'events')];
    for (const [index, twin] of twins.entries()) {
      await warehouse.query(`create table ${twin.table} (id bigint)`, twin.schema);
      await twin.put('1.json', [{ id: index }]);
      await twin.load('r1', MORE);
    }
    await twins[1]?.load('r2');
    for (const twin of twins) await twin.load('r3', MORE);
    assert.deepEqual(await Promise.all(twins.map((twin) => twin.column())), [['0'], ['1']]);
  });

  it('fills the columns by position from a JSONPaths file, and leaves out what Redshift fills', async () => {
    const { url } = await warehouse.put(`${schema}/paths.json`, JSON.stringify({ jsonpaths: ['$.number', '$.word'] }));
    const numbered = new Staging(warehouse, schema, uniqueName('t'), url);
    await warehouse.query(
      `create table ${numbered.table} (row_id bigint identity(0, 1), id bigint not null, level varchar(4))`,
      schema,
    );
    await numbered.put('1.json', [{ word: 'free', number: 1 }]);
    await numbered.load('r1');
    await numbered.put('2.json', [{ word: 'paid', number: 2 }]);
    await numbered.load('r2', MORE);
    assert.deepEqual(await numbered.column("id || ' ' || level || ' ' || row_id"), ['1 free 0', '2 paid 1']);
  });

  it('tells the file and line of a rejected row, and keeps what was there', async () => {
    await staging.put('1.json', [{ id: 1 }]);
    await staging.load('r1');
    await staging.put('2.json', [{ id: 2 }, { level: 'free' }]);
    await assert.rejects(staging.load('r2', MORE), {
      kind: 'copyRejectedRows',
      message: new RegExp(`^COPY into ${staging.table} rejected ${staging.url('2.json')} line 2, column "id": `),
    });
    assert.deepEqual(await staging.column(), ['1']);
    await staging.put('2.json', [{ id: 2 }, { id: 3 }]);
    assert.equal((await staging.load('r2', MORE)).rows, 2);
    assert.deepEqual(await staging.column(), ['1', '2', '3']);
  });

  it('says that the table is missing', async () => {
    await staging.put('1.json', [{ id: 1 }]);
    await warehouse.query(`drop table ${staging.table}`, schema);
    for (const options of [MORE, {}]) {
      await assert.rejects(staging.load('r1', options), {
        kind: 'sqlTerminal',
        message: /Create the tables first \(createTables\)/,
      });
    }
  });

  it('says that a prefix has no files at all', async () => {
    await assert.rejects(staging.load('r1', MORE), { kind: 'source', message: /^There are no files under s3:/ });
  });

  describe('of a file that has changed', () => {
    beforeEach(async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.put('2.json', [{ id: 2 }, { id: 22 }]);
      await staging.load('r1');
      await staging.put('3.json', [{ id: 3 }]);
      await staging.put('4.json', [{ id: 4 }, { id: 44 }]);
      await staging.load('r2', MORE);
      await staging.put('5.json', [{ id: 5 }]);
      await staging.load('r3', MORE);
    });

    it('stops, and says when which run loaded it', async () => {
      await staging.put('4.json', [{ id: 40 }]);
      await staging.put('6.json', [{ id: 6 }]);
      await assert.rejects(
        staging.load('r4', MORE),
        (error: Error & { kind?: string; details?: readonly unknown[] }) => {
          assert.equal(error.kind, 'fileChanged');
          assert.match(
            error.message,
            new RegExp(
              `^1 file under ${staging.url('')} has changed since it was loaded into ${staging.table}:\n` +
                'by run r2 of workflow load-r2 at \\S+ \\S+ UTC \\(load 2\\):\n' +
                `  ${staging.url('4.json')}: ETag [0-9a-f]{32} then, [0-9a-f]{32} now\n` +
                'Whoever replaces its rows: 1 other file of its load is loaded anew with it\\.$',
            ),
          );
          assert.deepEqual((error.details?.[0] as { file?: string } | undefined)?.file, staging.url('4.json'));
          return true;
        },
      );
      assert.deepEqual(await staging.column(), ['1', '2', '3', '4', '5', '22', '44']);
    });

    it('replaces the rows of its load, and of no other', async () => {
      await staging.put('4.json', [{ id: 40 }]);
      await staging.put('6.json', [{ id: 6 }]);
      const listing = await staging.list('r4', { ...MORE, onChanged: 'reload' });
      assert.deepEqual(listing.difference, { asOf: 3, known: 3, reloaded: 2, quarantined: 0, replaces: [2] });
      assert.deepEqual(await staging.copy('r4', listing), {
        ...{ rows: 3, files: 3, sizeBytes: 28, rejectedRows: 0, rejects: [], deletedRows: 3, alreadyDone: false },
      });
      assert.deepEqual(await staging.column("id || '/' || coalesce(starshift_load::varchar, 'null')"), [
        ...['1/null', '2/null', '22/null', '3/4', '40/4', '5/3', '6/4'],
      ]);
      const again = await staging.list('r5', MORE);
      assert.deepEqual(again.difference, { asOf: 4, known: 6, reloaded: 0, quarantined: 0, replaces: [] });
    });

    it('replaces the rows of a full load as a whole, and keeps those of later loads', async () => {
      await staging.put('1.json', [{ id: 10 }, { id: 11 }]);
      const facts = await staging.load('r4', { ...MORE, reload: [`${staging.folder}1.json`] });
      assert.deepEqual([facts.rows, facts.deletedRows, facts.files], [4, 3, 2]);
      assert.deepEqual(await staging.column("id || '/' || coalesce(starshift_load::varchar, 'null')"), [
        ...['10/4', '11/4', '2/4', '22/4', '3/2', '4/2', '44/2', '5/3'],
      ]);
    });

    it('keeps its rows when it is left out, and does not ask again until it changes again', async () => {
      await staging.put('4.json', [{ id: 40 }]);
      const facts = await staging.load('r4', { ...MORE, exclude: [staging.url('4.json')] });
      assert.deepEqual([facts.rows, facts.quarantinedFiles], [0, 1]);
      assert.deepEqual((await staging.list('r5', MORE)).difference, {
        ...{ asOf: 4, known: 4, reloaded: 0, quarantined: 1, replaces: [] },
      });
      assert.deepEqual(await staging.column(), ['1', '2', '3', '4', '5', '22', '44']);
      await staging.put('4.json', [{ id: 41 }]);
      await assert.rejects(staging.list('r5', MORE), { kind: 'fileChanged' });
    });

    it('loses no row: it wants all files of the load that is replaced', async () => {
      await staging.put('4.json', [{ id: 40 }]);
      const options = { ...MORE, reload: [staging.url('4.json')], exclude: [staging.url('3.json')] };
      await assert.rejects(staging.load('r4', options), {
        kind: 'source',
        message:
          `A load of ${staging.table} is replaced as a whole, and of the files loaded together with those to be loaded anew these are left out: ` +
          `${staging.url('3.json')}. Put them back, leave the changed files out, or load once with "mode": "full".`,
      });
    });

    it('loads an unchanged file again when it is asked for', async () => {
      const facts = await staging.load('r4', { ...MORE, reload: [staging.url('5.json')] });
      assert.deepEqual([facts.rows, facts.deletedRows], [1, 1]);
      assert.deepEqual(await staging.column(), ['1', '2', '3', '4', '5', '22', '44']);
    });

    it('says that a file to be loaded again is not there', async () => {
      await assert.rejects(staging.load('r4', { ...MORE, reload: [staging.url('7.json')] }), {
        kind: 'notListed',
        message: `Not found under ${staging.url('')}, so it cannot be loaded anew: ${staging.url('7.json')}.`,
      });
    });
  });

  describe('beside others', () => {
    it('loads each file once when two runs load the same files at the same time', async () => {
      const rows = Array.from({ length: 300 }, (_, id) => ({ id }));
      for (let pair = 0; pair < 4; pair++) {
        await staging.put(`${pair}.json`, rows);
        const facts = await Promise.all([staging.load(`a${pair}`, MORE), staging.load(`b${pair}`, MORE)]);
        assert.deepEqual(facts.map((fact) => fact.rows).sort(), [0, 300]);
        assert.equal((await staging.column()).length, 300 * (pair + 1));
      }
    });

    it('drops from an old listing what was loaded since: a reset run loads nothing twice', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.put('2.json', [{ id: 2 }]);
      const listing = await staging.list('r1', MORE);
      assert.equal((await staging.copy('r1', listing)).rows, 2);
      assert.deepEqual(await staging.copy('reset', listing), {
        ...{ rows: 0, files: 0, sizeBytes: 0, rejectedRows: 0, rejects: [], alreadyDone: false },
      });
      assert.deepEqual(await staging.column(), ['1', '2']);
    });

    it('loads the rest of an old listing', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.load('r1', MORE);
      await staging.put('2.json', [{ id: 2 }]);
      const partly = await staging.list('r2', MORE);
      await staging.put('3.json', [{ id: 3 }]);
      const all = await staging.list('r3', MORE);
      await staging.copy('r2', partly);
      const facts = await staging.copy('r3', all);
      assert.deepEqual([facts.rows, facts.files], [1, 1]);
      assert.deepEqual(await staging.column(), ['1', '2', '3']);
    });

    it('replaces nothing a second time from an old listing', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.put('2.json', [{ id: 2 }]);
      await staging.load('r1', MORE);
      await staging.put('1.json', [{ id: 10 }]);
      const listing = await staging.list('r2', { ...MORE, onChanged: 'reload' });
      assert.deepEqual([(await staging.copy('r2', listing)).rows, (await staging.copy('reset', listing)).rows], [2, 0]);
      assert.deepEqual(await staging.column(), ['2', '10']);
    });

    it('does not go by an old listing after a full load that came in between', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.put('2.json', [{ id: 2 }]);
      await staging.load('r1', MORE);
      await staging.put('1.json', [{ id: 10 }]);
      await staging.put('3.json', [{ id: 3 }]);
      const listing = await staging.list('r2', { ...MORE, onChanged: 'reload' });
      await staging.load('full');
      await assert.rejects(staging.copy('r2', listing), { kind: 'listingOutdated' });
      const facts = await staging.load('r2', MORE);
      assert.deepEqual([facts.rows, facts.files, facts.deletedRows], [0, 0, undefined]);
      assert.deepEqual(await staging.column(), ['2', '3', '10']);
    });

    it('says that another version of a file was loaded after the listing', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      const listing = await staging.list('r1', MORE);
      await staging.put('1.json', [{ id: 10 }]);
      await staging.load('r2', MORE);
      await assert.rejects(staging.copy('r1', listing), {
        kind: 'listingOutdated',
        message:
          /was listed for t\w+ with ETag \w+, and since then loaded with ETag \w+ by run r2 of workflow load-r2 .*\. The next try lists the source anew\.$/,
      });
    });

    it('gives the recorded facts of a step that is done', async () => {
      await staging.put('1.json', [{ id: 1 }]);
      await staging.load('r1');
      await staging.put('1.json', [{ id: 10 }, { id: 11 }]);
      await staging.put('2.json', [{ id: 2 }, { id: 'x' }]);
      const options = { ...MORE, onChanged: 'reload', maxErrors: 1 } as const;
      const listing = await staging.list('r2', options);
      const facts = await staging.copy('r2', listing, options);
      assert.deepEqual([facts.rows, facts.deletedRows, facts.rejectedRows, facts.alreadyDone], [3, 1, 1, false]);
      assert.deepEqual(await staging.copy('r2', listing, options), { ...facts, alreadyDone: true });
    });
  });

  describe('into a table that does not hold what the ledger says', () => {
    beforeEach(async () => {
      await staging.put('1.json', [{ id: 1 }, { id: 2 }]);
    });

    it('is refused when rows were added', async () => {
      await staging.load('r1');
      await warehouse.query(`insert into ${staging.table} (id) values (7)`, schema);
      await assert.rejects(staging.load('r2', MORE), {
        kind: 'ledgerMismatch',
        message:
          `${staging.table} holds 3 rows, but after its last load, number 1, it had 2 rows; nothing was changed. ` +
          'Load it once with "mode": "full", which replaces its rows by those of all files; incremental loads go on from there.',
      });
    });

    it('is refused when the ledger knows no load of it', async () => {
      await warehouse.query(`insert into ${staging.table} (id) values (7)`, schema);
      await assert.rejects(staging.load('r1', MORE), {
        kind: 'ledgerMismatch',
        message: new RegExp(
          `^${staging.table} holds 1 row, but the ledger knows no file that they came from; nothing was changed\\.`,
        ),
      });
      await staging.load('r2');
      assert.deepEqual(await staging.column(), ['1', '2']);
      assert.equal((await staging.load('r3', MORE)).rows, 0);
    });
  });
});
