import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRuns } from './test-runs.js';

const HOURS_MS = 3_600_000;

describe('A parked step waits for its own whole decisionTimeout', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  after(() => runs?.end());

  it('each time it parks, whatever is answered to others meanwhile', async () => {
    runs.activities.reset({
      copyBatch: async () => {
        throw ApplicationFailure.nonRetryable('no', 'CopyRejectedRows');
      },
    });
    const run = await runs.start('loadWarehouse', { ...LOAD, decisionTimeout: '30 hours' });
    const first = await run.until('staging_events', 'parked');
    const other = await run.until('staging_songs', 'parked');
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events', maxErrors: 5 }] });
    let again = await run.until('staging_events', 'parked');
    while (again.tries === 1) again = await run.until('staging_events', 'parked');
    const waits = (step: typeof first) => Date.parse(step.decideBy ?? '') - Date.parse(step.error?.at ?? '');
    assert.deepEqual([waits(first), waits(other), waits(again)], [30 * HOURS_MS, 30 * HOURS_MS, 30 * HOURS_MS]);
    assert.ok((again.decideBy ?? '') > (first.decideBy ?? ''));
    assert.equal((await run.step('staging_songs')).decideBy, other.decideBy);
    assert.deepEqual(again.asked, { maxErrors: 5 });
    // A quarter of the time is left at the last call: three timers of 22.5 hours, one of them cancelled by the answer.
    const { events } = await run.handle.fetchHistory();
    const started = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
    assert.deepEqual(
      started.map(({ startToFireTimeout }) => Number(startToFireTimeout?.seconds)),
      [81_000, 81_000, 81_000],
    );
    assert.equal((events ?? []).filter((event) => event.timerCanceledEventAttributes).length, 1);
    await run.handle.cancel();
  });
});
