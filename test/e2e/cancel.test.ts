import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { event, writeData } from './support/sparkify-data.js';

const CLUSTER = 'e2e-cancel';

/** Asks until the answer is the wanted one or ten seconds are over; the last answer. */
async function eventually<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
    await delay(50);
  }
}

describe('cancelling a run', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;

  before(async () => {
    e2e = await E2eStack.start();
    const folder = join(e2e.folder, 'many');
    const day = Array.from({ length: 50_000 }, (_, index) =>
      event({ itemInSession: index, ts: 1541440182796 + index }),
    );
    const logs = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`${index}.json`, day.join('')]));
    await writeData({ folder, logs });
    await e2e.upload(folder, 'e2e-cancel');
  });
  after(() => e2e?.stop());

  it('cancels its SQL on the server and ends within seconds', async () => {
    await e2e.startRun({
      type: 'buildWarehouse',
      workflowId: 'cancel-1',
      input: {
        ...{ warehouse: 'sparkify', source: { url: 's3://e2e-cancel/sparkify/' } },
        cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
      },
    });
    const running = "select pid from stv_recents where status = 'Running' and query ilike 'copy%staging_events%'";
    await e2e.until('cancel-1', 'COPY runs', ({ steps }) =>
      steps.some(
        ({ id, state, title }) => id === 'staging_events' && state === 'running' && title.includes('(8 files)'),
      ),
    );
    const statements = await eventually(
      () => e2e.sql(CLUSTER, running),
      (rows) => rows.length === 1,
    );
    assert.equal(statements.length, 1);
    const cancelled = await e2e.temporal('workflow', 'cancel', '--workflow-id', 'cancel-1');
    assert.equal(cancelled.code, 0, cancelled.stderr);
    const askedAt = Date.now();
    await assert.rejects(e2e.client.workflow.getHandle('cancel-1').result(), /cancelled/i);
    assert.ok(Date.now() - askedAt < 15_000, `took ${Date.now() - askedAt} ms`);
    assert.deepEqual(await e2e.sql(CLUSTER, running), []);
    assert.deepEqual(await e2e.sql(CLUSTER, 'select count(*)::int as n from staging_events'), [{ n: 0 }]);
  });
});
