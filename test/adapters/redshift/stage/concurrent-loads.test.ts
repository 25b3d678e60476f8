import assert from 'node:assert/strict';
import type { LedgerKey } from '../../../../src/adapters/redshift/ledger/ledger.js';
import { ensureLedger, guardTable } from '../../../../src/adapters/redshift/ledger/ledger-tables.js';
import { stageTable } from '../../../../src/adapters/redshift/stage/stage-table.js';
import { transformTable } from '../../../../src/adapters/redshift/transform/transform-table.js';
import { writeManifest } from '../../../../src/adapters/s3/copy-manifest.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';
import { transformStatement } from '../../support/transform-statement.js';

const PAIRS = 8;
const EVENTS = 300;
const SONGS = 20;

/** What a run does here: two staging tables, a star table from both and one from the star table. */
const PLAYS = transformStatement(
  'insert into plays (id) select e.id from events e join songs s on s.id = mod(e.id, 20)',
  { lineage: { staged: ['events', 'songs'] } },
);
const TIMES = transformStatement('insert into times (id) select id from plays', {
  lineage: { derived: [{ table: 'plays', sources: ['events', 'songs'] }] },
});

describe('loads into the same tables', () => {
  const schema = uniqueName('concurrent_');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
    for (const table of ['events', 'songs', 'plays', 'times']) {
      await warehouse.query(`create table ${table} (id bigint)`, schema);
    }
  });

  after(() => restore());

  function keyOf(runId: string, table: string): LedgerKey {
    return { workflowId: `load-${runId}`, runId, step: table, schema, table };
  }

  async function stage(runId: string, table: string, rows: number) {
    const body = Array.from({ length: rows }, (_, id) => `${JSON.stringify({ id })}\n`).join('');
    const file = await warehouse.put(`${schema}/${runId}/${table}.json`, body);
    const { bucket, adapters, settings } = warehouse;
    const key = keyOf(runId, table);
    const { manifestUrl } = await writeManifest({
      s3: adapters.aws.s3,
      workspace: `s3://${bucket}/.starshift/`,
      ...{ ...key, pinned: { compression: 'none', files: [file] } },
    });
    const { iamRole } = settings;
    const options = { manifestUrl, iamRole, format: 'json', jsonpaths: 'auto', compression: 'none' } as const;
    const copy = { ...options, options: {}, maxErrors: 0 };
    return warehouse.inSession(
      (session) => stageTable(session, { key, files: [file], relist: async () => [file], copy }),
      { schema },
    );
  }

  function plays(runId: string) {
    return transform({ key: keyOf(runId, 'plays'), statement: PLAYS, reads: ['events', 'songs'] });
  }

  function times(runId: string) {
    return transform({ key: keyOf(runId, 'times'), statement: TIMES, reads: ['plays'] });
  }

  function transform(request: Parameters<typeof transformTable>[1]) {
    return warehouse.inSession((session) => transformTable(session, request), { schema });
  }

  async function load(runId: string): Promise<void> {
    await Promise.all([stage(runId, 'events', EVENTS), stage(runId, 'songs', SONGS)]);
    await plays(runId);
    await times(runId);
  }

  async function total(table: string): Promise<number> {
    return Number((await warehouse.query(`select count(*) as total from ${table}`, schema))[0]?.total);
  }

  async function stageRejected(runId: string, table: string): Promise<void> {
    const file = await warehouse.put(`${schema}/${runId}/${table}.json`, '{"id":"abc"}\n');
    const { bucket, adapters, settings } = warehouse;
    const key = keyOf(runId, table);
    const pinned = { compression: 'none', files: [file] } as const;
    const place = { s3: adapters.aws.s3, workspace: `s3://${bucket}/.starshift/` };
    const { manifestUrl } = await writeManifest({ ...place, ...key, pinned });
    const { iamRole } = settings;
    const options = { manifestUrl, iamRole, format: 'json', jsonpaths: 'auto', compression: 'none' } as const;
    const copy = { ...options, options: {}, maxErrors: 0 };
    await warehouse.inSession(
      (session) => stageTable(session, { key, files: [file], relist: async () => [file], copy }),
      { schema },
    );
  }

  it(`hold every row once after each of ${PAIRS} pairs, or say which run came in between`, async () => {
    for (let pair = 0; pair < PAIRS; pair++) {
      const ends = await Promise.allSettled([load(`a${pair}`), load(`b${pair}`)]);
      const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error & { kind: string }] : []));
      for (const { kind, message } of failed) assert.equal(kind, 'stagingReplaced', message);
      assert.deepEqual([await total('events'), await total('songs')], [EVENTS, SONGS]);
      if (failed.length < 2) assert.deepEqual([await total('plays'), await total('times')], [EVENTS, EVENTS]);
    }
  });

  it('stage every row once, whichever order the two transactions of two runs take', async () => {
    for (let pair = 0; pair < PAIRS; pair++) {
      await Promise.all([stage(`c${pair}`, 'events', EVENTS), stage(`d${pair}`, 'events', EVENTS)]);
      assert.equal(await total('events'), EVENTS);
    }
  });

  it('keep the star table of a run whose staging table another run has replaced', async () => {
    await load('whole');
    await stage('held', 'events', EVENTS);
    await stage('other', 'events', EVENTS + 1);
    await stage('held', 'songs', SONGS);
    await assert.rejects(plays('held'), {
      kind: 'stagingReplaced',
      message:
        'Filling plays needs the rows that this run has put into events, but run other of workflow load-other has replaced them since. ' +
        'Abort this run and load again, when no other load into these tables is under way.',
    });
    assert.equal(await total('plays'), EVENTS);
  });

  it('do not mind the load of another run that failed', async () => {
    await stage('kept', 'events', EVENTS);
    await stage('kept', 'songs', SONGS);
    await assert.rejects(stageRejected('failing', 'events'), { kind: 'copyRejectedRows' });
    assert.equal((await plays('kept')).rows, EVENTS);
  });

  it('keep a star table from being read when another run has filled the one before it', async () => {
    await load('first');
    await load('second');
    await assert.rejects(
      transform({ key: { ...keyOf('first', 'times'), step: 'again' }, statement: TIMES, reads: ['plays'] }),
      {
        kind: 'stagingReplaced',
        message: /run second of workflow load-second has replaced them since/,
      },
    );
  });

  it('refuse an empty staging table that this run had filled, whoever emptied it', async () => {
    await load('before');
    await stage('robbed', 'events', EVENTS);
    await stage('robbed', 'songs', SONGS);
    await warehouse.query('truncate songs', schema);
    await assert.rejects(plays('robbed'), {
      kind: 'stagingReplaced',
      message:
        'Filling plays needs the rows that this run has put into songs, but the table has been emptied since. ' +
        'Abort this run and load again, when no other load into these tables is under way.',
    });
    assert.equal(await total('plays'), EVENTS);
  });

  it('read what is there when this run has staged nothing', async () => {
    await load('stagers');
    assert.deepEqual(await plays('reader'), { rows: EVENTS, alreadyDone: false });
  });

  it('let transforms that read one staging table run side by side', async () => {
    await stage('wide', 'events', EVENTS);
    await warehouse.inSession(async (reader) => {
      await reader.transaction(async () => {
        await reader.run({ sql: `select * from starshift.${guardTable({ schema, table: 'events' })}`, action: 'Test' });
        await reader.run({ sql: `select * from ${schema}.events limit 1`, action: 'Test' });
        assert.equal((await plays('wide')).rows, EVENTS);
      });
    });
  });

  it('have no conflict among the steps of one run, even when transactions are serializable', async () => {
    await stage('strict', 'events', EVENTS);
    const tables = ['strict_a', 'strict_b', 'strict_c', 'strict_d'];
    for (const table of tables) await warehouse.query(`create table ${table} (id bigint)`, schema);
    const targets = tables.map((table) => ({ schema, table }));
    await warehouse.inSession((session) => ensureLedger(session, targets));
    const filled = tables.map((table) =>
      warehouse.inSession(
        async (session) => {
          await session.run({ sql: 'set default_transaction_isolation to serializable', action: 'Test' });
          const lineage = { staged: ['events'] };
          const statement = transformStatement(`insert into ${table} (id) select id from events`, { lineage });
          return transformTable(session, { key: keyOf('strict', table), statement, reads: ['events'] });
        },
        { schema },
      ),
    );
    const done = { rows: EVENTS, alreadyDone: false };
    assert.deepEqual(await Promise.all(filled), [done, done, done, done]);
  });
});
