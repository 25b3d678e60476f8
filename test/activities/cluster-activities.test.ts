import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ClusterActivities } from '../../src/activities/activities.js';
import { createClusterActivities } from '../../src/activities/cluster-activities.js';
import type { Adapters } from '../../src/adapters/adapters.js';
import { type ClusterSpec, provisionWarehouseInput } from '../../src/domain/input.js';
import { testAdapters, uniqueName, useStackEnvironment } from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const SOURCE = { url: 's3://music/2018/' };
const QUIET = new DefaultLogger('ERROR', () => {});

describe('activities around the cluster', () => {
  let adapters: Adapters;
  let activities: ClusterActivities;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    const stack = await getTestStack({ temporal: false });
    restore = useStackEnvironment(stack);
    adapters = await testAdapters(stack);
    activities = createClusterActivities(adapters);
  });

  after(() => {
    adapters?.close();
    restore();
  });

  function spec(change: object = {}): ClusterSpec {
    const cluster = { identifier: uniqueName('cluster-'), ...change };
    return provisionWarehouseInput.parse({ cluster, source: SOURCE }).cluster;
  }

  function inRun(runId: string): MockActivityEnvironment {
    return new MockActivityEnvironment({ workflowExecution: { workflowId: 'build', runId } }, { logger: QUIET });
  }

  it('create nothing of a cluster whose admin password the worker does not have', async () => {
    const cluster = spec({ adminPassword: { env: 'STARSHIFT_PASSWORD_ADMIN' } });
    const { identifier } = cluster;
    const failure = {
      type: 'AuthenticationFailed',
      nonRetryable: true,
      message:
        `The admin password of cluster ${identifier} is to be in STARSHIFT_PASSWORD_ADMIN, which the worker does not have, ` +
        'so the cluster was not created. Set it and restart the worker.',
    };
    await assert.rejects(inRun('1').run(activities.ensureLoadRole, { cluster, source: SOURCE }), failure);
    await assert.rejects(inRun('1').run(activities.ensureSecurityGroup, { cluster }), failure);
    assert.deepEqual(await inRun('1').run(activities.deleteLoadRole, { identifier }), { deleted: false });
    assert.deepEqual(await inRun('1').run(activities.deleteSecurityGroup, { identifier }), { deleted: false });
  });

  it('delete for a rollback only what the same run created', async () => {
    const cluster = spec();
    const request = { identifier: cluster.identifier, onlyIfCreatedBy: true } as const;
    await inRun('1').run(activities.ensureLoadRole, { cluster, source: SOURCE });
    await inRun('1').run(activities.ensureSecurityGroup, { cluster });
    const foreign = { deleted: false, foreign: true };
    assert.deepEqual(await inRun('2').run(activities.deleteLoadRole, request), foreign);
    assert.deepEqual(await inRun('2').run(activities.deleteSecurityGroup, request), foreign);
    assert.deepEqual(await inRun('1').run(activities.deleteLoadRole, request), { deleted: true });
    assert.deepEqual(await inRun('1').run(activities.deleteSecurityGroup, request), { deleted: true });
    assert.deepEqual(await inRun('1').run(activities.deleteCluster, request), { deleted: false });
  });
});
