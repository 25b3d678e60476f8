import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import type { CopyBatchRequest, CreateTablesRequest } from '../../src/activities/activities.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { CLUSTER_HOST, passedCheck } from './fake-activities.js';
import { BUILD_CLUSTER, CLUSTER, SOURCE, TARGET, TestRuns } from './test-runs.js';

const BUILD_TARGET = { warehouse: 'music', source: SOURCE, target: TARGET };
const TEARDOWN_CALLS = ['deleteCluster', 'waitForClusterDeleted', 'deleteSecurityGroup', 'deleteLoadRole'];

describe('buildWarehouse', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('creates, loads, checks and counts on an existing endpoint, in this order', async () => {
    const result = await (await runs.start('buildWarehouse', { ...BUILD_TARGET, design: 'even' })).result();
    assert.equal(result.status, 'completed');
    assert.deepEqual([result.design, result.cluster], ['even', 'redshift.example.com']);
    assert.deepEqual(result.tables, { songplays: 6820, songs: 71 });
    assert.deepEqual(
      result.steps.map(({ id, state }) => `${id} ${state}`),
      [
        'claim-tables done',
        'create-tables done',
        'staging_events done',
        'staging_songs done',
        'songs done',
        'songplays done',
        'time done',
        'check:songplays_unique done',
        'check:levels_valid done',
        'count-rows done',
      ],
    );
    assert.equal(result.steps[1]?.note, '5 tables created');
    const names = runs.activities.names();
    assert.deepEqual(
      [names.slice(0, 3), names.at(-2)],
      [['planWarehouse', 'claimTables', 'createTables'], 'countRows'],
    );
    const [create] = runs.activities.requests<CreateTablesRequest>('createTables');
    assert.deepEqual([create?.design, create?.recreate], ['even', false]);
  });

  it('provisions first, works on the cluster it made, and tears it down last if asked', async () => {
    const input = { ...BUILD_CLUSTER, teardown: { finalSnapshot: 'music-final' } };
    const result = await (await runs.start('buildWarehouse', input)).result();
    const names = runs.activities.names();
    assert.deepEqual(names.slice(1, 3).sort(), ['ensureLoadRole', 'ensureSecurityGroup']);
    assert.deepEqual(names.slice(3, 7), ['ensureCluster', 'waitForClusterAvailable', 'claimTables', 'createTables']);
    assert.deepEqual(names.slice(-5), ['countRows', ...TEARDOWN_CALLS]);
    const [copy] = runs.activities.requests<CopyBatchRequest>('copyBatch');
    assert.deepEqual(copy?.target, { cluster: 'music' });
    assert.deepEqual(runs.activities.requests('deleteCluster'), [
      { identifier: 'music', finalSnapshot: 'music-final' },
    ]);
    assert.equal(result.cluster, 'music');
    assert.deepEqual(
      result.steps.slice(0, 4).map(({ id, title, note }) => [id, title, note]),
      [
        [
          'load-role',
          'CREATE ROLE for COPY from s3://music/',
          'created arn:aws:iam::123456789012:role/starshift-music',
        ],
        ['security-group', 'CREATE SECURITY GROUP (ingress from nowhere)', 'created sg-1'],
        ['cluster', 'CREATE CLUSTER music (1 x ra3.large)', 'created music'],
        ['cluster-available', 'WAIT UNTIL music IS AVAILABLE', `${CLUSTER_HOST}:5439`],
      ],
    );
  });

  it('reaches a cluster whose admin password is in a variable through that variable', async () => {
    const adminPassword = { env: 'STARSHIFT_PASSWORD_MUSIC' };
    const input = { ...BUILD_CLUSTER, cluster: { ...CLUSTER, adminPassword } };
    await (await runs.start('buildWarehouse', input)).result();
    const [copy] = runs.activities.requests<CopyBatchRequest>('copyBatch');
    assert.deepEqual(copy?.target, { cluster: 'music', password: adminPassword });
  });

  it('goes on to the count when a failed check is accepted', async () => {
    runs.activities.reset({
      runCheck: async ({ check }) => ({ ...passedCheck(check), passed: check === 'levels_valid', offending: 1 }),
    });
    const run = await runs.start('buildWarehouse', BUILD_TARGET);
    await run.until('check:songplays_unique', 'parked');
    assert.deepEqual(runs.activities.requests('countRows'), []);
    await run.handle.executeUpdate('skipStep', { args: [{ step: 'check:songplays_unique' }] });
    const result = await run.result();
    assert.equal(result.status, 'completedWithSkips');
    assert.deepEqual(result.tables, { songplays: 6820, songs: 71 });
  });

  it('deletes what it created when provisioning is aborted, cluster first', async () => {
    runs.activities.reset({
      waitForClusterAvailable: async () => {
        throw ApplicationFailure.nonRetryable('Cluster music is incompatible-network.', 'AwsFailed');
      },
    });
    const run = await runs.start('buildWarehouse', BUILD_CLUSTER);
    await run.until('cluster-available', 'parked');
    await run.handle.executeUpdate('abort', { args: [{}] });
    const failure = await run.failure();
    assert.equal(failure.type, 'RunAborted');
    assert.deepEqual(failure.message.split('\n'), [
      'Aborted. Parked: cluster-available. What this run had created is deleted again.',
      'Step cluster-available had failed: Cluster music is incompatible-network.',
    ]);
    assert.deepEqual(runs.activities.names().slice(-4), TEARDOWN_CALLS);
    const { steps } = await run.progress();
    assert.deepEqual(
      steps.slice(-3).map(({ id, state }) => `${id} ${state}`),
      ['rollback-delete-cluster done', 'rollback-delete-security-group done', 'rollback-delete-load-role done'],
    );
  });

  it('leaves alone what it found when it rolls back', async () => {
    runs.activities.reset({
      ensureLoadRole: async () => ({ id: 'arn:aws:iam::123456789012:role/r', created: false }),
      ensureCluster: async () => {
        throw ApplicationFailure.nonRetryable('Cluster music belongs to someone else.', 'ForeignResource');
      },
    });
    const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, onFailure: 'fail' });
    const failure = await run.failure();
    assert.equal(failure.type, 'StepFailed');
    assert.equal(
      failure.message,
      'Step cluster failed: Cluster music belongs to someone else. What this run had created is deleted again.',
    );
    assert.deepEqual(runs.activities.names().slice(-2), ['ensureCluster', 'deleteSecurityGroup']);
  });

  it('says what it could not delete again, and how to', async () => {
    runs.activities.reset({
      ensureCluster: async () => {
        throw ApplicationFailure.nonRetryable('No capacity.', 'AwsFailed');
      },
      deleteSecurityGroup: async () => {
        throw ApplicationFailure.nonRetryable('Group sg-1 is in use.', 'AwsFailed');
      },
    });
    const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, onFailure: 'fail' });
    const { message } = await run.failure();
    assert.equal(
      message,
      'Step cluster failed: No capacity. Rolling back what this run had created failed: rollback-delete-security-group: Group sg-1 is in use. To delete it, run teardownWarehouse for cluster music.',
    );
    assert.equal(runs.activities.names().at(-1), 'deleteLoadRole');
  });

  it('deletes what it may have created only if it carries the tag of this run', async () => {
    runs.activities.reset({
      ensureLoadRole: async () => ({ id: 'arn:aws:iam::123456789012:role/r', created: false }),
      ensureSecurityGroup: async () => ({ id: 'sg-1', created: false }),
      ensureCluster: async () => {
        throw ApplicationFailure.nonRetryable('The answer was lost.', 'AwsFailed');
      },
    });
    const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, onFailure: 'fail' });
    assert.equal(
      (await run.failure()).message,
      'Step cluster failed: The answer was lost. Nothing that this run may have created is left.',
    );
    assert.deepEqual(runs.activities.requests('deleteCluster'), [{ identifier: 'music', onlyIfCreatedBy: true }]);
    assert.deepEqual(runs.activities.names().slice(-2), ['deleteCluster', 'waitForClusterDeleted']);
    assert.equal((await run.step('rollback-delete-cluster')).note, 'deleted');
  });

  it('leaves alone a resource that another run created, and does not wait for its end', async () => {
    const foreign = async () => ({ deleted: false, foreign: true });
    runs.activities.reset({
      ensureSecurityGroup: async () => {
        throw ApplicationFailure.nonRetryable('The answer was lost.', 'AwsFailed');
      },
      ensureCluster: async () => {
        throw ApplicationFailure.nonRetryable('The answer was lost.', 'AwsFailed');
      },
      deleteSecurityGroup: foreign,
    });
    const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, onFailure: 'fail' });
    assert.equal((await run.failure()).type, 'StepFailed');
    assert.equal(
      (await run.step('rollback-delete-security-group')).note,
      'exists, was not created by this run, left alone',
    );
    assert.equal((await run.step('rollback-delete-load-role')).note, 'deleted');
  });

  it('cannot skip a step of the provisioning', async () => {
    runs.activities.reset({
      ensureCluster: async () => {
        throw ApplicationFailure.nonRetryable('No capacity.', 'AwsFailed');
      },
    });
    const run = await runs.start('buildWarehouse', BUILD_CLUSTER);
    await run.until('cluster', 'parked');
    await assert.rejects(run.handle.executeUpdate('skipStep', { args: [{ step: 'cluster' }] }), (error: Error) => {
      assert.match(String(error.cause), /cluster cannot be skipped: without it there is no warehouse/);
      return true;
    });
    await run.handle.cancel();
    await assert.rejects(run.result());
  });

  describe('ended while it loads', () => {
    beforeEach(() =>
      runs.activities.reset({
        copyBatch: async () => {
          throw ApplicationFailure.nonRetryable('Access denied.', 'SqlFailed');
        },
      }),
    );

    it('keeps the cluster, and says so with the command that deletes it', async () => {
      const run = await runs.start('buildWarehouse', BUILD_CLUSTER);
      await run.until('staging_events', 'parked');
      await run.until('staging_songs', 'parked');
      await run.handle.executeUpdate('abort', { args: [{}] });
      const { message } = await run.failure();
      assert.equal(
        message.split('\n')[0],
        `Aborted. Parked: staging_events, staging_songs. Cluster music stays and is billed; delete it with: temporal workflow start --task-queue ${runs.taskQueue} --type teardownWarehouse --input '{"cluster":"music"}'`,
      );
      assert.deepEqual(runs.activities.requests('deleteCluster'), []);
    });

    it('deletes the cluster when teardown was asked', async () => {
      const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, teardown: {}, onFailure: 'fail' });
      const { message } = await run.failure();
      assert.match(
        message,
        /^Step staging_(events|songs) failed: Access denied\. Cluster music is torn down, as the input asked\.$/,
      );
      assert.deepEqual(runs.activities.names().slice(-4), TEARDOWN_CALLS);
      assert.equal((await run.step('delete-load-role')).state, 'done');
    });

    it('keeps the cluster when it is cancelled, even though teardown was asked, and says so', async () => {
      const run = await runs.start('buildWarehouse', { ...BUILD_CLUSTER, teardown: {} });
      await run.until('staging_events', 'parked');
      await run.handle.cancel();
      await assert.rejects(run.result(), (error: Error) => error.cause?.constructor.name === 'CancelledFailure');
      const { status, outcome } = await run.progress();
      assert.equal(status, 'cancelled');
      assert.match(
        outcome ?? '',
        /^Cancelled\. Cluster music stays and is billed; delete it with: temporal workflow start/,
      );
      assert.deepEqual(runs.activities.requests('deleteCluster'), []);
    });
  });
});
