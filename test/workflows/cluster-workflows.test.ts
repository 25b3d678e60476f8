import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { PLAN, passedCheck } from './fake-activities.js';
import { CLUSTER, Gate, SOURCE, TARGET, TestRuns } from './test-runs.js';

describe('The workflows around the tables and the cluster', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('provisionWarehouse uses the role that the input names and makes none', async () => {
    const iamRole = 'arn:aws:iam::123456789012:role/ours';
    const input = { cluster: { ...CLUSTER, iamRole, ingress: ['10.0.0.0/16'] }, source: SOURCE };
    const result = await (await runs.start('provisionWarehouse', input)).result();
    assert.deepEqual(runs.activities.names(), ['ensureSecurityGroup', 'ensureCluster', 'waitForClusterAvailable']);
    const [request] = runs.activities.requests<{ readonly roleArn: string }>('ensureCluster');
    assert.equal(request?.roleArn, iamRole);
    assert.equal(result.steps[0]?.title, 'CREATE SECURITY GROUP (ingress from 10.0.0.0/16)');
    assert.deepEqual([result.cluster, result.tables, result.checks], ['music', {}, []]);
    assert.ok(!('warehouse' in result));
  });

  it('provisionWarehouse can be retried where it failed', async () => {
    let capacity = false;
    runs.activities.reset({
      ensureCluster: async ({ cluster }) => {
        if (!capacity) throw ApplicationFailure.nonRetryable('No capacity.', 'AwsFailed');
        return { id: cluster.identifier, created: true };
      },
    });
    const run = await runs.start('provisionWarehouse', { cluster: CLUSTER, source: SOURCE });
    await run.until('cluster', 'parked');
    capacity = true;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'cluster' }] });
    assert.equal((await run.result()).status, 'completed');
    assert.equal(runs.activities.requests('ensureLoadRole').length, 1);
  });

  it('createTables reports the design it used and what was there', async () => {
    runs.activities.reset({
      createTables: async () => ({ created: ['songs'], existing: ['users', 'time'], dropped: [] }),
    });
    const input = { target: TARGET, warehouse: 'music', design: 'auto' };
    const result = await (await runs.start('createTables', input)).result();
    assert.equal(result.design, 'auto');
    assert.equal(result.steps[1]?.title, 'CREATE TABLES of music (design auto)');
    assert.equal(result.steps[1]?.note, '1 table created, 2 already there');
  });

  it('teardownWarehouse deletes cluster, security group and role in this order, with the snapshot asked for', async () => {
    const input = { cluster: 'music', finalSnapshot: 'music-1' };
    const result = await (await runs.start('teardownWarehouse', input)).result();
    assert.deepEqual(runs.activities.names(), [
      'deleteCluster',
      'waitForClusterDeleted',
      'deleteSecurityGroup',
      'deleteLoadRole',
    ]);
    assert.deepEqual(
      result.steps.map(({ id, title, note }) => [id, title, note]),
      [
        ['delete-cluster', 'DELETE CLUSTER music (final snapshot music-1)', 'deleted'],
        ['delete-security-group', 'DELETE SECURITY GROUP of music', 'deleted'],
        ['delete-load-role', 'DELETE ROLE of music', 'deleted'],
      ],
    );
  });

  it('teardownWarehouse completes when everything is gone already', async () => {
    const gone = async () => ({ deleted: false });
    runs.activities.reset({ deleteCluster: gone, deleteSecurityGroup: gone, deleteLoadRole: gone });
    const result = await (await runs.start('teardownWarehouse', { cluster: 'music' })).result();
    assert.equal(result.status, 'completed');
    assert.deepEqual(
      result.steps.map(({ note }) => note),
      ['was not there', 'was not there', 'was not there'],
    );
  });

  it('teardownWarehouse says what it left alone, and does not wait for the end of a cluster that is not ours', async () => {
    const foreign = async () => ({ deleted: false, foreign: true });
    runs.activities.reset({ deleteCluster: foreign, deleteSecurityGroup: foreign, deleteLoadRole: foreign });
    const run = await runs.start('teardownWarehouse', { cluster: 'music' });
    const result = await run.result();
    const note = 'exists, is not ours, left alone';
    assert.deepEqual(
      result.steps.map((step) => step.note),
      [note, note, note],
    );
    assert.deepEqual(runs.activities.names(), ['deleteCluster', 'deleteSecurityGroup', 'deleteLoadRole']);
    assert.ok(!('warehouse' in (await run.progress())));
  });

  it('checkWarehouse reports its checks in their declared order, whichever ends first', async () => {
    const checks = ['a', 'b', 'c'].map((id) => ({ id, title: id, severity: 'error' as const }));
    const second = new Gate();
    runs.activities.reset({
      planWarehouse: async () => ({ ...PLAN, checks }),
      runCheck: async ({ check }) => {
        if (check === 'b') await second.pass();
        return passedCheck(check);
      },
    });
    const run = await runs.start('checkWarehouse', { target: TARGET, warehouse: 'music' });
    await run.until('check:c', 'done');
    second.open();
    assert.deepEqual(
      (await run.result()).checks.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
  });

  it('teardownWarehouse keeps security group and role when the cluster is skipped', async () => {
    runs.activities.reset({
      deleteCluster: async () => {
        throw ApplicationFailure.nonRetryable('Cluster music is not ours.', 'ForeignResource');
      },
    });
    const run = await runs.start('teardownWarehouse', { cluster: 'music' });
    await run.until('delete-cluster', 'parked');
    await run.handle.executeUpdate('skipStep', { args: [{ step: 'delete-cluster' }] });
    const result = await run.result();
    assert.equal(result.status, 'completedWithSkips');
    assert.deepEqual(runs.activities.names(), ['deleteCluster']);
  });
});
