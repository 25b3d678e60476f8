import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import type { RunningRun } from '../../src/domain/facts.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { BUILD_CLUSTER, Gate, LOAD, TARGET, type TestRun, TestRuns } from './test-runs.js';

const OTHER: RunningRun = {
  workflowId: 'nightly load',
  runId: 'b0c3a4de-0000-4000-8000-000000000000',
  namespace: 'default',
  claimedAt: '2026-01-02T03:04:05Z',
};
const CHECK = { target: TARGET, warehouse: 'music' };
const SCOPE = {
  target: { ...TARGET, port: 5439, iamRole: 'default' },
  warehouse: 'music',
  schema: 'public',
};

describe('The tables of a warehouse', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  /** Tables that another run has until the gate opens. */
  function busyUntil(gate: Gate): void {
    let free = false;
    void gate.opened.then(() => {
      free = true;
    });
    runs.activities.reset({
      claimTables: async () => (free ? { claimedBy: 'this run' } : { holder: OTHER }),
      waitForRun: () => gate.pass(),
    });
  }

  async function historyLength(run: TestRun): Promise<number> {
    return (await run.handle.fetchHistory()).events?.length ?? 0;
  }

  for (const [workflow, input] of [
    ['loadWarehouse', LOAD],
    ['checkWarehouse', CHECK],
    ['createTables', CHECK],
    ['buildWarehouse', LOAD],
  ] as const) {
    it(`are claimed by ${workflow} before anything is done with them, and given back after all`, async () => {
      const result = await (await runs.start(workflow, input)).result();
      const { runId } = result;
      const names = runs.activities.names();
      assert.equal(names[1], 'claimTables');
      assert.equal(names.at(-1), 'releaseTables');
      assert.deepEqual(runs.activities.requests('claimTables'), [SCOPE]);
      assert.deepEqual(runs.activities.requests('releaseTables'), [{ ...SCOPE, claimedBy: runId }]);
      assert.deepEqual([result.steps[0]?.id, result.steps[0]?.kind], ['claim-tables', 'claim']);
    });
  }

  it('are waited for: details and progress say for whom, and the history does not grow', async () => {
    const other = new Gate();
    busyUntil(other);
    const run = await runs.start('loadWarehouse', LOAD);
    await other.begun;
    const step = await run.step('claim-tables');
    assert.equal(step.state, 'running');
    assert.match(step.note ?? '', /^waits since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC for run nightly load$/);
    assert.match(
      await run.details(),
      /\| 🔵 running \| `claim-tables` \|.*\| waits since .* UTC for run nightly load \|/,
    );
    const length = await historyLength(run);
    assert.deepEqual(runs.activities.requests('waitForRun'), [OTHER]);
    await run.progress();
    assert.equal(await historyLength(run), length);
    assert.deepEqual(runs.activities.names(), ['planWarehouse', 'claimTables', 'waitForRun']);
    other.open();
    const result = await run.result();
    assert.equal(result.steps[0]?.note, 'waited for run nightly load');
    assert.equal(result.status, 'completed');
  });

  it('are no longer waited for when a person skips the claim: the run goes on beside the other one', async () => {
    const other = new Gate();
    busyUntil(other);
    const run = await runs.start('loadWarehouse', LOAD);
    await other.begun;
    await assert.rejects(run.handle.executeUpdate('retryStep', { args: [{ step: 'claim-tables' }] }));
    const skipping = run.handle.executeUpdate('skipStep', { args: [{ step: 'claim-tables' }] });
    assert.equal(await skipping, 'claim-tables is skipped.');
    other.open();
    const result = await run.result();
    assert.equal(result.status, 'completedWithSkips');
    assert.deepEqual([result.steps[0]?.state, result.steps[1]?.state], ['skipped', 'done']);
    assert.deepEqual(runs.activities.requests('releaseTables'), []);
  });

  it('end a run with whenBusy "fail" at once when another one has them, with what to do', async () => {
    runs.activities.reset({ claimTables: async () => ({ holder: OTHER }) });
    const run = await runs.start('loadWarehouse', { ...LOAD, whenBusy: 'fail' });
    const failure = await run.failure();
    assert.equal(failure.type, 'WarehouseBusy');
    assert.ok(
      failure.message.startsWith(
        [
          'Workflow nightly load (run b0c3a4de-0000-4000-8000-000000000000) works on the tables of music in schema public since 2026-01-02 03:04:05 UTC; this run has changed nothing.',
          'Look at it:',
          "  npx starshift status 'nightly load'",
          "  temporal workflow describe --workflow-id 'nightly load'",
          'Start this run again when that one is over, or with "whenBusy": "wait", which waits for it.',
        ].join('\n'),
      ),
      failure.message,
    );
    assert.equal((await run.step('claim-tables')).state, 'failed');
    assert.deepEqual(runs.activities.requests('listSource'), []);
  });

  it('keep their cluster from a run that was to tear it down and found them busy', async () => {
    runs.activities.reset({ claimTables: async () => ({ holder: OTHER }) });
    const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, teardown: {}, whenBusy: 'fail' });
    const failure = await run.failure();
    assert.equal(failure.type, 'WarehouseBusy');
    assert.match(failure.message, /Cluster music stays/);
    assert.deepEqual(runs.activities.requests('deleteCluster'), []);
  });

  it('are given back by a run that is cancelled, aborted or failed', async () => {
    const copyBatch = async () => {
      throw ApplicationFailure.nonRetryable('Access denied.', 'SourceUnavailable');
    };
    const ends = [
      async (run: TestRun) => void (await run.handle.cancel()),
      async (run: TestRun) => void (await run.handle.executeUpdate('abort', { args: [{}] })),
    ];
    for (const end of ends) {
      runs.activities.reset({ copyBatch });
      const run = await runs.start('loadWarehouse', LOAD);
      await run.until('staging_events', 'parked');
      await end(run);
      await assert.rejects(run.result());
      assert.equal(runs.activities.requests('releaseTables').length, 1);
    }
    runs.activities.reset({ copyBatch });
    await (await runs.start('loadWarehouse', { ...LOAD, onFailure: 'fail' })).failure();
    assert.equal(runs.activities.requests('releaseTables').length, 1);
  });

  for (const [workflow, input] of [
    ['loadWarehouse', LOAD],
    ['createTables', CHECK],
    ['buildWarehouse', LOAD],
  ] as const) {
    it(`are told to every activity of ${workflow} that writes, with the run that claimed them`, async () => {
      const { runId } = await (await runs.start(workflow, input)).result();
      const writing = runs.activities.calls.filter(({ name }) =>
        ['createTables', 'copyBatch', 'transformTable'].includes(name),
      );
      assert.ok(writing.length > 0);
      for (const { request } of writing) assert.equal((request as { claimedBy?: string }).claimedBy, runId);
    });
  }

  it('fence nothing when a person has skipped the claim', async () => {
    const other = new Gate();
    busyUntil(other);
    const run = await runs.start('loadWarehouse', LOAD);
    await other.begun;
    const skipping = run.handle.executeUpdate('skipStep', { args: [{ step: 'claim-tables' }] });
    await skipping;
    other.open();
    await run.result();
    const [copy] = runs.activities.requests<{ readonly claimedBy?: string }>('copyBatch');
    assert.ok(copy !== undefined && !('claimedBy' in copy));
  });

  it('are claimed anew by the next try of a step that found them lost', async () => {
    let isLost = true;
    runs.activities.reset({
      transformTable: async ({ step }) => {
        if (isLost && step === 'songplays') throw ApplicationFailure.nonRetryable('lost', 'ClaimLost');
        return { rows: 1, alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('songplays', 'parked');
    isLost = false;
    assert.equal(runs.activities.requests('claimTables').length, 1);
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'songplays' }] });
    const result = await run.result();
    assert.equal(result.status, 'completed');
    const names = runs.activities.names();
    const again = names.lastIndexOf('claimTables');
    assert.deepEqual(
      [runs.activities.requests('claimTables').length, names[again + 1]],
      [2, 'transformTable songplays'],
    );
  });

  it('that cannot be given back fail no run', async () => {
    runs.activities.reset({
      releaseTables: async () => {
        throw ApplicationFailure.nonRetryable('permission denied', 'SqlFailed');
      },
    });
    const result = await (await runs.start('loadWarehouse', LOAD)).result();
    assert.equal(result.status, 'completed');
    assert.equal(
      result.steps[0]?.note,
      'the claim was not given back, later runs will ask Temporal: permission denied',
    );
  });

  it('are claimed anew by the run that a reset makes from a later point of the history', async () => {
    const first = await runs.start('loadWarehouse', LOAD);
    await first.result();
    const other = new Gate();
    busyUntil(other);
    const second = await first.resetBefore('countRows');
    await other.begun;
    assert.deepEqual(runs.activities.names(), ['claimTables', 'waitForRun']);
    other.open();
    await second.result();
    assert.deepEqual(runs.activities.names(), [
      'claimTables',
      'waitForRun',
      'claimTables',
      'countRows',
      'releaseTables',
    ]);
    assert.deepEqual(runs.activities.requests('releaseTables'), [{ ...SCOPE, claimedBy: 'this run' }]);
  });

  it('are told with the new run once the run that a reset made has claimed them', async () => {
    const first = await runs.start('loadWarehouse', LOAD);
    const { runId } = await first.result();
    runs.activities.reset();
    const second = await first.resetBefore('transformTable');
    const result = await second.result();
    assert.equal(result.status, 'completed');
    const told = runs.activities.requests<{ readonly claimedBy?: string }>('transformTable');
    assert.ok(told.length > 0);
    for (const { claimedBy } of told) assert.ok(claimedBy !== undefined && claimedBy !== runId, claimedBy);
  });
});
