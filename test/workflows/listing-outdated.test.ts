import assert from 'node:assert/strict';
import type { ListSourceRequest } from '../../src/activities/activities.js';
import { outdatedListings } from '../replay/scenarios.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRuns } from './test-runs.js';

describe('loadWarehouse when files change while they are loaded', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  after(() => runs?.end());

  const listings = () =>
    runs.activities.requests<ListSourceRequest>('listSource').filter(({ step }) => step === 'staging_events').length;

  it('lists and loads them again within the same try', async () => {
    runs.activities.reset({ copyBatch: outdatedListings({ staging_events: 2 }) });
    const { steps, status } = await (await runs.start('loadWarehouse', LOAD)).result();
    const step = steps.find(({ id }) => id === 'staging_events');
    assert.deepEqual(
      [status, step?.state, step?.tries, step?.note, listings()],
      ['completed', 'done', 1, undefined, 3],
    );
  });

  it('parks the step when they have changed three times, and names them', async () => {
    runs.activities.reset({ copyBatch: outdatedListings({ staging_events: 3 }) });
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('staging_events', 'parked');
    const error = (await run.progress()).steps.find(({ id }) => id === 'staging_events')?.error;
    assert.deepEqual([error?.type, error?.files, listings()], ['ListingOutdated', ['s3://music/log_data/a.json'], 3]);
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).status, 'completed');
    assert.equal(listings(), 4);
  });
});
