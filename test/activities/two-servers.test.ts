import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import { TransientError } from '../../src/adapters/errors.js';
import type { TemporalRuns } from '../../src/adapters/temporal/temporal-runs.js';
import {
  getTestWarehouse,
  type TestWarehouse,
  uniqueName,
  useStackEnvironment,
} from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const QUIET = new DefaultLogger('ERROR', () => {});
const DEADLINE_MS = 20_000;

/** Every Temporal dev server has one namespace called `default`, and the documents give everybody the same workflow ids. */
describe('activities of two Temporal servers on one warehouse', () => {
  const workflowId = uniqueName('build-');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });
  after(() => restore());

  function activitiesOf(identity: TemporalRuns['identity']) {
    const runs: TemporalRuns = { identity, find: async () => ({ kind: 'over' }) };
    return createActivities({ ...warehouse.adapters, runs });
  }

  function newEnvironment(runId: string): MockActivityEnvironment {
    return new MockActivityEnvironment({ workflowExecution: { workflowId, runId } }, { logger: QUIET });
  }

  function newScope() {
    return { target: { cluster: warehouse.identifier }, warehouse: 'sparkify', schema: uniqueName('servers_') };
  }

  function songsOf(scope: ReturnType<typeof newScope>) {
    return { ...scope, step: 'songs', table: 'songs' };
  }

  it('leave each other alone under one workflow id and step', async () => {
    const ours = activitiesOf(async () => ({ namespace: 'default', namespaceId: 'server-1' }));
    const theirs = activitiesOf(async () => ({ namespace: 'default', namespaceId: 'server-2' }));
    const [here, there] = [newScope(), newScope()];
    for (const scope of [here, there]) {
      await newEnvironment('r').run(ours.createTables, { ...scope, design: 'auto', recreate: false });
    }
    const guard = `starshift."guard_${here.schema}$songs"`;
    const live = await warehouse.inSession((holder) =>
      holder.transaction(async () => {
        await holder.run({ sql: `lock table ${guard}`, action: 'Test' });
        const waiting = newEnvironment('run-1').run(ours.transformTable, songsOf(here));
        waiting.catch(() => undefined);
        const waits = `select 1 from svv_transactions t join pg_class c on c.oid = t.relation
          where c.relname = 'guard_${here.schema}$songs' and not t.granted`;
        const deadline = performance.now() + DEADLINE_MS;
        while ((await warehouse.query(waits)).length === 0) {
          assert.ok(performance.now() < deadline, 'the first attempt did not come to its lock');
          await delay(50);
        }
        await newEnvironment('run-2').run(theirs.transformTable, songsOf(there));
        return { waiting };
      }),
    );
    assert.deepEqual(await live.waiting, { rows: 0, alreadyDone: false });
  });

  it('show workflow id and step at the beginning of the label', async () => {
    const scope = newScope();
    const ours = activitiesOf(async () => ({ namespace: 'default', namespaceId: 'server-1' }));
    await newEnvironment('r').run(ours.createTables, { ...scope, design: 'auto', recreate: false });
    const labels = await warehouse.query(
      `select distinct query_label from sys_query_history where query_label like 'starshift ${workflowId} createTables %'`,
    );
    assert.ok(labels.length > 0);
    for (const { query_label: label } of labels) {
      assert.match(label ?? '', new RegExp(`^starshift ${workflowId} createTables #[0-9a-f]{16}$`));
    }
  });

  it('fail, to be tried again, while Temporal does not say which server it is', async () => {
    const scope = newScope();
    const silent = activitiesOf(async () => {
      throw new TransientError({ kind: 'unreachable', message: 'Temporal does not answer.', resource: 'Temporal' });
    });
    const attempt = newEnvironment('r').run(silent.createTables, { ...scope, design: 'auto', recreate: false });
    await assert.rejects(attempt, (error: unknown) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.nonRetryable], ['Unreachable', false]);
      return true;
    });
    assert.deepEqual(await warehouse.query(`select 1 from pg_namespace where nspname = '${scope.schema}'`), []);
  });
});
