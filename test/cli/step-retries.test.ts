import assert from 'node:assert/strict';
import { heartbeat } from '@temporalio/activity';
import { RetryLookout, type StepRetry } from '../../src/cli/step-retries.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { Gate, LOAD, TestRuns } from '../workflows/test-runs.js';

describe('a look at what does not get on', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  after(() => runs?.end());

  it('finds a first attempt that waits for a lock, by its heartbeat', async () => {
    const holders = [{ pid: 123, user: 'bob', since: '2026-01-02T03:00:10Z' }];
    const gate = new Gate();
    runs.activities.reset({
      transformTable: async ({ step }) => {
        if (step === 'songs') {
          heartbeat({ waitsForLock: { holders, text: 'Locking songs waits' } });
          await gate.pass();
        }
        return { rows: 1, alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await gate.begun;
    const lookout = new RetryLookout(run.handle);
    const deadline = performance.now() + 20_000;
    let seen: readonly StepRetry[] = [];
    while (seen.length === 0) {
      assert.ok(performance.now() < deadline, 'nothing was seen');
      seen = await lookout.look(await run.progress());
    }
    gate.open();
    assert.deepEqual(
      seen.map(({ step, attempt, waitsForLockOf }) => ({ step, attempt, waitsForLockOf })),
      [{ step: 'songs', attempt: 1, waitsForLockOf: holders }],
    );
    await run.result();
  });
});
