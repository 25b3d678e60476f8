import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Activities } from '../../src/activities/activities.js';
import { createActivities } from '../../src/activities/create-activities.js';
import { requireClaim } from '../../src/adapters/redshift/ledger/held-claim.js';
import { lockTargets } from '../../src/adapters/redshift/ledger/ledger.js';
import type { RunState, TemporalRuns } from '../../src/adapters/temporal/temporal-runs.js';
import {
  getTestWarehouse,
  type TestWarehouse,
  uniqueName,
  useStackEnvironment,
} from '../adapters/support/test-warehouse.js';
import { song } from '../e2e/support/sparkify-data.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const QUIET = new DefaultLogger('ERROR', () => {});

/** A worker that stood still can wake when its run is long over and another one has the tables. */
describe('steps of a run that has claimed the tables', () => {
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });
  after(() => restore());

  /** Attempts of one run: of workflow `load`, unless the id says otherwise. */
  function runOf(runId: string, state: RunState = { kind: 'over' }, workflowId = 'load') {
    const runs: TemporalRuns = {
      identity: async () => ({ namespace: 'default', namespaceId: 'ours' }),
      find: async () => state,
    };
    const activities = createActivities({ ...warehouse.adapters, runs });
    return <Name extends keyof Activities>(
      name: Name,
      request: Parameters<Activities[Name]>[0],
    ): Promise<Awaited<ReturnType<Activities[Name]>>> => {
      const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId } }, { logger: QUIET });
      const activity = activities[name] as (request: unknown) => Promise<Awaited<ReturnType<Activities[Name]>>>;
      return environment.run(activity, request);
    };
  }

  async function prepare() {
    const schema = uniqueName('fence_');
    const scope = { target: { cluster: warehouse.identifier }, warehouse: 'sparkify', schema };
    await runOf('setup')('createTables', { ...scope, design: 'auto', recreate: false });
    const url = `s3://${warehouse.bucket}/${schema}`;
    await warehouse.put(`${schema}/old/song_data/1.json`, song());
    await warehouse.put(`${schema}/new/song_data/1.json`, song() + song());
    const copy = async (folder: 'old' | 'new') => {
      const what = { source: { url: `${url}/${folder}/` }, sourceName: 'songs', step: 'staging_songs' };
      const listing = await runOf('listing')('listSource', { warehouse: 'sparkify', ...what, exclude: [] });
      return { ...scope, ...what, table: 'staging_songs', listing, maxErrors: 0 };
    };
    const count = async (table = 'staging_songs') =>
      Number((await warehouse.query(`select count(*) as n from ${schema}.${table}`))[0]?.n);
    return { scope, copy, count, songs: { ...scope, step: 'songs', table: 'songs', reads: [] } };
  }

  async function assertLost(attempt: Promise<unknown>, told: RegExp): Promise<void> {
    await assert.rejects(attempt, (error: unknown) => {
      assert.ok(error instanceof ApplicationFailure, String(error));
      assert.deepEqual([error.type, error.nonRetryable], ['ClaimLost', true]);
      assert.match(error.message, told);
      return true;
    });
  }

  it('write nothing once another run has claimed them', async () => {
    const { scope, copy, count, songs } = await prepare();
    const [frozen, other] = [runOf('frozen'), runOf('other', { kind: 'over' }, 'nightly')];
    assert.deepEqual(await frozen('claimTables', scope), { claimedBy: 'frozen' });
    const late = { claimedBy: 'frozen' };
    const old = { ...(await copy('old')), ...late };
    assert.deepEqual(await other('claimTables', scope), { claimedBy: 'other' });
    await other('copyBatch', { ...(await copy('new')), claimedBy: 'other' });
    await other('transformTable', { ...songs, claimedBy: 'other' });
    const told = new RegExp(
      `^Nothing was written: run other of workflow nightly has the tables of sparkify in schema ${scope.schema} now; this run, frozen of workflow load, is over or was reset\\.`,
    );
    await assertLost(frozen('copyBatch', old), told);
    await assertLost(frozen('transformTable', { ...songs, ...late }), told);
    await assertLost(frozen('createTables', { ...scope, design: 'auto', recreate: true, ...late }), told);
    assert.deepEqual([await count(), await count('songs')], [2, 1]);
    const steps = await warehouse.query(
      `select run_id from starshift.load_steps where table_schema = '${scope.schema}' and run_id = 'frozen'`,
    );
    assert.equal(steps.length, 0);
  });

  it('write nothing when nobody has claimed them any more, nor when the same run id is of another server', async () => {
    const { scope, copy, count } = await prepare();
    const load = runOf('run');
    await load('claimTables', scope);
    await load('releaseTables', { ...scope, claimedBy: 'run' });
    const old = { ...(await copy('old')), claimedBy: 'run' };
    await assertLost(load('copyBatch', old), /^Nothing was written: nobody has claimed the tables of sparkify /);
    await load('claimTables', scope);
    await warehouse.query(`update starshift.claims set namespace_id = 'theirs' where table_schema = '${scope.schema}'`);
    await assertLost(load('copyBatch', old), /of another Temporal server/);
    assert.equal(await count(), 0);
  });

  it('go on as ever while the claim is theirs, and a step that is done says so without it', async () => {
    const { scope, copy, count } = await prepare();
    const load = runOf('run');
    await load('claimTables', scope);
    const request = { ...(await copy('old')), claimedBy: 'run' };
    assert.equal((await load('copyBatch', request)).alreadyDone, false);
    await runOf('other', { kind: 'over' }, 'nightly')('claimTables', scope);
    assert.equal((await load('copyBatch', request)).alreadyDone, true);
    assert.equal(await count(), 1);
  });

  it('are not fenced where their run has not claimed: a person skipped it, or an older worker began the run', async () => {
    const { scope, copy, count } = await prepare();
    await runOf('other', { kind: 'over' }, 'nightly')('claimTables', scope);
    await runOf('run')('copyBatch', await copy('old'));
    assert.equal(await count(), 1);
  });

  it('that a reset has begun again in a new run take the claim along', async () => {
    const { scope, copy, count } = await prepare();
    await runOf('before')('claimTables', scope);
    const run = { workflowId: 'load', runId: 'after', namespace: 'default', namespaceId: 'ours' };
    const carriedOn = runOf('after', { kind: 'running', run });
    const request = { ...(await copy('old')), claimedBy: 'before' };
    await carriedOn('copyBatch', request);
    assert.equal(await count(), 1);
    await assertLost(runOf('before')('copyBatch', request), /run after of workflow load has the tables/);
    await carriedOn('releaseTables', { ...scope, claimedBy: 'before' });
    const left = await warehouse.query(`select 1 from starshift.claims where table_schema = '${scope.schema}'`);
    assert.equal(left.length, 0);
  });

  it('that a reset has begun again write nothing while another run has the tables', async () => {
    const { scope, copy, count } = await prepare();
    await runOf('other', { kind: 'over' }, 'nightly')('claimTables', scope);
    const run = { workflowId: 'nightly', runId: 'other', namespace: 'default', namespaceId: 'ours' };
    const attempt = runOf('after', { kind: 'running', run })('copyBatch', {
      ...(await copy('old')),
      claimedBy: 'before',
    });
    await assertLost(attempt, /run other of workflow nightly has the tables/);
    assert.equal(await count(), 0);
  });

  it('let others claim other tables while they write', async () => {
    const { scope } = await prepare();
    const { schema } = scope;
    await runOf('run')('claimTables', scope);
    const key = { workflowId: 'load', runId: 'run', step: 'songs', schema, table: 'songs' };
    const claim = { tables: { schema, warehouse: 'sparkify' }, workflowId: 'load', runId: 'run', namespaceId: 'ours' };
    await warehouse.inSession((session) =>
      session.transaction(async () => {
        await lockTargets(session, [key]);
        await requireClaim(session, claim);
        const next = runOf('next', { kind: 'over' }, 'nightly');
        const elsewhere = { ...scope, schema: uniqueName('fence_') };
        assert.deepEqual(await next('claimTables', elsewhere), { claimedBy: 'next' });
        await next('releaseTables', { ...elsewhere, claimedBy: 'next' });
      }),
    );
  });
});
