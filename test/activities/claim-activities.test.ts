import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import type { RunState, TemporalRuns } from '../../src/adapters/temporal/temporal-runs.js';
import type { ClaimOutcome, RunningRun } from '../../src/domain/facts.js';
import {
  getTestWarehouse,
  type TestWarehouse,
  uniqueName,
  useStackEnvironment,
} from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const QUIET = new DefaultLogger('ERROR', () => {});

describe('claim activities', () => {
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });
  after(() => restore());

  function newScope() {
    return { target: { cluster: warehouse.identifier }, warehouse: 'sparkify', schema: uniqueName('claiming_') };
  }

  interface Claimant {
    readonly workflowId: string;
    readonly runId?: string;
    /** What Temporal says of the run that has the tables. */
    readonly find?: TemporalRuns['find'];
    readonly namespaceId?: string;
  }

  function claim(scope: ReturnType<typeof newScope>, claimant: Claimant): Promise<ClaimOutcome> {
    const { workflowId, runId = `run-of-${workflowId}`, namespaceId = 'ours' } = claimant;
    const find = claimant.find ?? (async (): Promise<RunState> => assert.fail('Temporal was asked'));
    const runs: TemporalRuns = { identity: async () => ({ namespace: 'default', namespaceId }), find };
    const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId } }, { logger: QUIET });
    const { claimTables } = createActivities({ ...warehouse.adapters, runs });
    return environment.run(claimTables, scope);
  }

  const over = async (): Promise<RunState> => ({ kind: 'over' });
  const running = async (run: RunningRun): Promise<RunState> => ({ kind: 'running', run });

  it('claim free tables, and tell who else has them while that run is running', async () => {
    const scope = newScope();
    assert.deepEqual(await claim(scope, { workflowId: 'first' }), { claimedBy: 'run-of-first' });
    const { holder } = await claim(scope, { workflowId: 'second', find: running });
    assert.deepEqual([holder?.workflowId, holder?.runId], ['first', 'run-of-first']);
  });

  it('take over from a run that Temporal says is over', async () => {
    const scope = newScope();
    await claim(scope, { workflowId: 'first' });
    assert.deepEqual(await claim(scope, { workflowId: 'second', find: over }), { claimedBy: 'run-of-second' });
  });

  it('take over from an earlier run of their own workflow, which a reset has replaced', async () => {
    const scope = newScope();
    await claim(scope, { workflowId: 'load', runId: 'before' });
    const find = async (run: RunningRun): Promise<RunState> => ({ kind: 'running', run: { ...run, runId: 'after' } });
    assert.deepEqual(await claim(scope, { workflowId: 'load', runId: 'after', find }), { claimedBy: 'after' });
  });

  it('take nothing for a run that is over itself', async () => {
    const scope = newScope();
    await claim(scope, { workflowId: 'load', runId: 'after' });
    const outlived = claim(scope, { workflowId: 'load', runId: 'before', find: running });
    await assert.rejects(outlived, (error: unknown) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.equal(error.message, 'Run before of workflow load is over; another run of this workflow has begun.');
      return true;
    });
  });

  it('tell apart workflows of one id on two servers', async () => {
    const scope = newScope();
    await claim(scope, { workflowId: 'load' });
    const { holder } = await claim(scope, { workflowId: 'load', runId: 'x', namespaceId: 'theirs', find: running });
    assert.equal(holder?.runId, 'run-of-load');
  });

  it('name a run that nobody can ask, and the statement that clears its claim', async () => {
    const scope = newScope();
    await claim(scope, { workflowId: 'nightly' });
    const find = async (): Promise<RunState> => ({ kind: 'unknown' });
    let statement = '';
    await assert.rejects(claim(scope, { workflowId: 'mine', namespaceId: 'theirs', find }), (error: unknown) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.nonRetryable], ['ForeignClaim', true]);
      assert.match(error.message, /claimed by workflow nightly, run run-of-nightly, since \d{4}-/);
      assert.match(error.message, /namespace "default" of another Temporal server/);
      statement = /clear its claim and retry: (delete from .*)$/.exec(error.message)?.[1] ?? '';
      return true;
    });
    await warehouse.query(statement);
    assert.deepEqual(await claim(scope, { workflowId: 'mine' }), { claimedBy: 'run-of-mine' });
  });

  it('wait until Temporal says that the other run is over', async () => {
    const states: RunState[] = [];
    const other: RunningRun = { workflowId: 'first', runId: 'r', namespace: 'default' };
    const find = async (run: RunningRun): Promise<RunState> => {
      const state: RunState = states.length < 2 ? { kind: 'running', run } : { kind: 'over' };
      states.push(state);
      return state;
    };
    const runs: TemporalRuns = { identity: async () => ({ namespace: 'default' }), find };
    const { waitForRun } = createActivities({ ...warehouse.adapters, runs });
    await new MockActivityEnvironment({}, { logger: QUIET }).run(waitForRun, other);
    assert.deepEqual(
      states.map(({ kind }) => kind),
      ['running', 'running', 'over'],
    );
  });
});
