import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { PLAN } from './fake-activities.js';
import { Gate, LOAD, TARGET, TestRuns } from './test-runs.js';

const refused = () => ApplicationFailure.nonRetryable('password authentication failed', 'AuthenticationFailed');

describe('A refused login', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('keeps the steps that have not begun from trying the same password, until a person answers', async () => {
    const songs = new Gate();
    let wrong = true;
    runs.activities.reset({
      copyBatch: async ({ step, listing }) => {
        if (step === 'staging_songs') await songs.pass();
        else if (wrong) throw refused();
        return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('staging_events', 'parked');
    songs.open();
    await run.until('staging_songs', 'done');
    assert.equal((await run.step('songs')).state, 'waiting');
    wrong = false;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).status, 'completed');
  });

  it('is one, not one for each check', async () => {
    let wrong = true;
    runs.activities.reset({
      claimTables: async () => {
        if (wrong) throw refused();
        return {};
      },
    });
    const run = await runs.start('checkWarehouse', { target: TARGET, warehouse: 'music' });
    await run.until('claim-tables', 'parked');
    assert.equal((await run.step('check:levels_valid')).state, 'waiting');
    assert.equal(runs.activities.requests('claimTables').length, 1);
    assert.equal(runs.activities.requests('runCheck').length, 0);
    wrong = false;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'claim-tables' }] });
    assert.equal((await run.result()).status, 'completed');
    assert.equal(runs.activities.requests('runCheck').length, PLAN.checks.length);
  });

  it('lets one step try again, and the others only when that was let in', async () => {
    let wrong = true;
    const both = [new Gate(), new Gate()] as const;
    runs.activities.reset({
      copyBatch: async ({ step, listing }) => {
        await both[step === 'staging_events' ? 0 : 1].pass();
        if (wrong) throw refused();
        return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await Promise.all(both.map(({ begun }) => begun));
    for (const gate of both) gate.open();
    await run.until('staging_events', 'parked');
    await run.until('staging_songs', 'parked');
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.deepEqual((await run.step('staging_events')).state, 'waiting');
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_songs' }] });
    const parked = await run.until('staging_songs', 'parked');
    assert.equal(parked.tries, 2);
    const other = await run.step('staging_events');
    assert.deepEqual([other.state, other.tries], ['waiting', 1]);
    wrong = false;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_songs' }] });
    assert.equal((await run.result()).status, 'completed');
  });

  it('holds up no abort', async () => {
    runs.activities.reset({
      claimTables: async () => {
        throw refused();
      },
    });
    const run = await runs.start('checkWarehouse', { target: TARGET, warehouse: 'music' });
    await run.until('claim-tables', 'parked');
    await run.handle.executeUpdate('abort', { args: [{}] });
    assert.equal((await run.failure()).type, 'RunAborted');
    assert.equal((await run.step('check:levels_valid')).state, 'cancelled');
  });

  it('ends a run that does not park, and nothing else logs in', async () => {
    runs.activities.reset({
      claimTables: async () => {
        throw refused();
      },
    });
    const input = { target: TARGET, warehouse: 'music', onFailure: 'fail' };
    const run = await runs.start('checkWarehouse', input);
    assert.equal((await run.failure()).type, 'StepFailed');
    assert.equal(runs.activities.requests('claimTables').length, 1);
    assert.equal(runs.activities.requests('runCheck').length, 0);
  });
});
