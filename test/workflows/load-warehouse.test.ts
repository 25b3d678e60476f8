import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import type { CopyBatchRequest } from '../../src/activities/activities.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { PLAN } from './fake-activities.js';
import { Gate, LOAD, TestRuns } from './test-runs.js';

describe('loadWarehouse', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('stages, inserts and counts, and reports rows, files and tables', async () => {
    const run = await runs.start('loadWarehouse', LOAD);
    const result = await run.result();
    assert.equal(result.status, 'completed');
    assert.equal(result.warehouse, 'music');
    assert.equal(result.cluster, 'redshift.example.com');
    assert.deepEqual(result.tables, { songplays: 6820, songs: 71 });
    assert.deepEqual(
      result.steps.map(({ id, state, rows, files, title }) => ({ id, state, rows, files, title })),
      [
        {
          id: 'claim-tables',
          state: 'done',
          rows: undefined,
          files: undefined,
          title: 'CLAIM TABLES of music in schema public',
        },
        ...[
          { id: 'staging_events', folder: 'log_data' },
          { id: 'staging_songs', folder: 'song_data' },
        ].map(({ id, folder }) => ({
          id,
          state: 'done',
          rows: 8056,
          files: 30,
          title: `COPY ${id} <- s3://music/${folder} (30 files)`,
        })),
        { id: 'songs', state: 'done', rows: 71, files: undefined, title: 'INSERT songs <- staging_songs' },
        {
          id: 'songplays',
          state: 'done',
          rows: 71,
          files: undefined,
          title: 'INSERT songplays <- staging_events, staging_songs',
        },
        { id: 'time', state: 'done', rows: 71, files: undefined, title: 'INSERT time <- songplays' },
        { id: 'count-rows', state: 'done', rows: undefined, files: undefined, title: 'COUNT ROWS of music' },
      ],
    );
  });

  it('copies both stagings at the same time, and inserts what is ready while another COPY runs', async () => {
    const events = new Gate();
    runs.activities.reset({
      copyBatch: async ({ step, listing }) => {
        if (step === 'staging_events') await events.pass();
        return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await events.begun;
    await run.until('songs', 'done');
    assert.deepEqual(await run.states(), {
      'claim-tables': 'done',
      staging_events: 'running',
      staging_songs: 'done',
      songs: 'done',
      songplays: 'waiting',
      time: 'waiting',
      'count-rows': 'waiting',
    });
    events.open();
    await run.result();
    assert.deepEqual(runs.activities.names().slice(-4), [
      'transformTable songplays',
      'transformTable time',
      'countRows',
      'releaseTables',
    ]);
  });

  it('runs no more than 16 steps at the same time, and all of them in the end', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `table_${index}`);
    const gate = new Gate();
    let running = 0;
    let most = 0;
    runs.activities.reset({
      planWarehouse: async () => ({
        ...PLAN,
        load: ids.map((id) => ({ kind: 'transform', id, table: id, reads: ['staging_songs'], needs: [] })),
      }),
      transformTable: async () => {
        running += 1;
        most = Math.max(most, running);
        if (running === 16) gate.open();
        await gate.pass();
        running -= 1;
        return { rows: 1, alreadyDone: false };
      },
    });
    const result = await (await runs.start('loadWarehouse', LOAD)).result();
    assert.equal(most, 16);
    assert.equal(result.steps.filter(({ kind, state }) => kind === 'transform' && state === 'done').length, 20);
  });

  it('gives COPY the listing, the run-wide maxErrors and the source', async () => {
    const run = await runs.start('loadWarehouse', { ...LOAD, maxErrors: 7 });
    const { runId } = await run.result();
    const [first] = runs.activities
      .requests<CopyBatchRequest>('copyBatch')
      .filter(({ step }) => step === 'staging_songs');
    assert.deepEqual(first, {
      target: { ...LOAD.target, port: 5439, iamRole: 'default' },
      warehouse: 'music',
      schema: 'public',
      claimedBy: runId,
      source: LOAD.source,
      sourceName: 'song_data',
      table: 'staging_songs',
      step: 'staging_songs',
      listing: { manifestUrl: 's3://music/.starshift/song_data.manifest', files: 30, sizeBytes: 3000 },
      maxErrors: 7,
      mode: 'full',
      excluded: [],
    });
  });

  it('says that rejected rows are missing from the quarantine', async () => {
    runs.activities.reset({
      copyBatch: async ({ step, listing: { files, sizeBytes } }) => {
        const rejectedRows = step === 'staging_events' ? 3 : 1;
        const missing = { rejectedRows, rejects: [], notInQuarantine: rejectedRows };
        return { rows: 1, files, sizeBytes, alreadyDone: step === 'staging_songs', ...missing };
      },
    });
    const { steps } = await (await runs.start('loadWarehouse', LOAD)).result();
    const views = "the cluster's load views did not show";
    assert.deepEqual(
      steps.filter(({ kind }) => kind === 'stage').map(({ note }) => note),
      [
        `3 rejected rows are not in quarantine: ${views} them`,
        `was committed before; 1 rejected row is not in quarantine: ${views} it`,
      ],
    );
  });

  it('tries again by itself what a moment later works', async () => {
    let attempts = 0;
    runs.activities.reset({
      transformTable: async ({ step }) => {
        if (step === 'time' && ++attempts === 1)
          throw ApplicationFailure.retryable('connection lost', 'SqlInterrupted');
        return { rows: 3, alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    const result = await run.result();
    assert.equal(attempts, 2);
    const time = result.steps.find((step) => step.id === 'time');
    assert.deepEqual([time?.state, time?.tries, time?.rows], ['done', 1, 3]);
  });

  it('shows each activity with a summary in the history', async () => {
    const run = await runs.start('loadWarehouse', LOAD);
    await run.result();
    const { events } = await run.handle.fetchHistory();
    const summaries = (events ?? []).flatMap(({ userMetadata }) => {
      const data = userMetadata?.summary?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as string] : [];
    });
    assert.deepEqual(summaries.sort(), [
      'CLAIM TABLES of music in schema public',
      'COPY staging_events <- s3://music/log_data (30 files)',
      'COPY staging_songs <- s3://music/song_data (30 files)',
      'COUNT ROWS of music',
      'INSERT songplays <- staging_events, staging_songs',
      'INSERT songs <- staging_songs',
      'INSERT time <- songplays',
      'LIST s3://music/log_data',
      'LIST s3://music/song_data',
      'PLAN music',
      'RELEASE TABLES of music',
    ]);
  });

  it('shows the step table in the current details', async () => {
    const run = await runs.start('loadWarehouse', LOAD);
    await run.result();
    const details = await run.details();
    assert.match(
      details,
      /^\*\*loadWarehouse\*\* of music on redshift\.example\.com: \*\*completed\*\*, 7 of 7 steps done/,
    );
    assert.match(
      details,
      /\| ✅ done \| `staging_events` \| COPY staging_events <- s3:\/\/music\/log_data \(30 files\) \| 8,056 \|/,
    );
  });

  it('ends at once with the reason when the warehouse folder is wrong', async () => {
    runs.activities.reset({
      planWarehouse: async () => {
        throw ApplicationFailure.nonRetryable('There is no warehouse "musik" in sql/.', 'InvalidWarehouse');
      },
    });
    const run = await runs.start('loadWarehouse', { ...LOAD, warehouse: 'musik' });
    const failure = await run.failure();
    assert.equal(failure.type, 'InvalidWarehouse');
    assert.equal(failure.message, 'There is no warehouse "musik" in sql/.');
    assert.equal((await run.progress()).status, 'failed');
  });

  it('refuses a plan whose steps are out of order', async () => {
    runs.activities.reset({
      planWarehouse: async () => ({
        warehouse: 'music',
        design: 'by-song',
        schema: 'public',
        revision: '0',
        tables: [],
        load: [{ kind: 'transform', id: 'songs', table: 'songs', reads: [], needs: ['staging_songs'] }],
        checks: [],
      }),
    });
    const failure = await (await runs.start('loadWarehouse', LOAD)).failure();
    assert.equal(failure.type, 'InvalidWarehouse');
    assert.match(failure.message, /songs needs staging_songs, which is not an earlier step/);
  });

  it('ends with InternalError instead of hanging when its own code fails', async () => {
    runs.activities.reset({ copyBatch: async () => undefined as never });
    const run = await runs.start('loadWarehouse', LOAD);
    const failure = await run.failure();
    assert.equal(failure.type, 'InternalError');
    assert.match(failure.message, /^Starshift itself failed: Cannot destructure property 'rows'/);
    assert.equal((await run.progress()).status, 'failed');
  });
});
