import assert from 'node:assert/strict';
import { heartbeat, sleep } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { BUILD_CLUSTER, CLUSTER, LOAD, SOURCE, TestRuns } from './test-runs.js';

describe('Cancelling a run', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  /** Works until it is cancelled, as a statement on a cluster does. */
  function workUntilCancelled(): { readonly run: () => Promise<never>; cancelled: number } {
    const state = {
      cancelled: 0,
      run: async (): Promise<never> => {
        try {
          for (;;) {
            heartbeat();
            await sleep(50);
          }
        } catch (error) {
          if (error instanceof CancelledFailure) state.cancelled += 1;
          throw error;
        }
      },
    };
    return state;
  }

  it('cancels the running activities, waits for them, and ends cancelled', async () => {
    const copies = workUntilCancelled();
    runs.activities.reset({ copyBatch: copies.run });
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('staging_events', 'running');
    await run.until('staging_songs', 'running');
    await run.handle.cancel();
    await assert.rejects(run.result(), (error: Error) => error.cause instanceof CancelledFailure);
    assert.equal(copies.cancelled, runs.activities.requests('copyBatch').length);
    const { status } = await run.handle.describe();
    assert.equal(status.name, 'CANCELLED');
    const progress = await run.progress();
    assert.deepEqual([progress.status, progress.outcome], ['cancelled', 'Cancelled.']);
    const { 'claim-tables': claim, ...others } = await run.states();
    assert.equal(claim, 'done');
    assert.deepEqual(new Set(Object.values(others)), new Set(['cancelled']));
    assert.match(await run.details(), /: \*\*cancelled\*\*, 1 of 7 steps done\n\nCancelled\.\n\n\| State/);
  });

  it('rolls the provisioning back, and ends cancelled', async () => {
    const waiting = workUntilCancelled();
    runs.activities.reset({ waitForClusterAvailable: waiting.run });
    const [build, provision] = await Promise.all([
      runs.start('buildWarehouse', BUILD_CLUSTER),
      runs.start('provisionWarehouse', { cluster: CLUSTER, source: SOURCE }),
    ]);
    for (const run of [build, provision]) {
      await run.until('cluster-available', 'running');
      await run.handle.cancel();
      await assert.rejects(run.result(), (error: Error) => error.cause instanceof CancelledFailure);
      const progress = await run.progress();
      assert.deepEqual(
        [progress.status, progress.outcome],
        ['cancelled', 'Cancelled. What this run had created is deleted again.'],
      );
    }
    assert.equal(waiting.cancelled, 2);
    assert.equal(runs.activities.requests('deleteLoadRole').length, 2);
  });
});
