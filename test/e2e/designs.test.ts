import assert from 'node:assert/strict';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { requireSparkify, SPARKIFY_ROWS } from './support/sparkify-data.js';

const CLUSTER = 'e2e-designs';
/** Distribution style of songplays as SVV_TABLE_INFO tells it. */
const DESIGNS = [
  { design: 'by-user', diststyle: 'KEY(user_id)' },
  { design: 'by-song', diststyle: 'KEY(song_id)' },
  { design: 'even', diststyle: 'EVEN' },
  { design: 'auto', diststyle: /^AUTO/ },
] as const;

describe('the public sample, loaded through the Temporal CLI', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;

  before(async function () {
    const data = requireSparkify(this);
    e2e = await E2eStack.start();
    await e2e.upload(data, 'e2e-designs');
  });
  after(() => e2e?.stop());

  for (const { design, diststyle } of DESIGNS) {
    it(`gives the exact rows in the design ${design}`, async () => {
      const workflowId = `e2e-design-${design}`;
      await e2e.startRun({
        type: 'buildWarehouse',
        workflowId,
        input: {
          ...{ warehouse: 'sparkify', design, recreate: true, onFailure: 'fail' },
          source: { url: 's3://e2e-designs/sparkify/' },
          cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
        },
      });
      const result = await e2e.result(workflowId);
      assert.equal(result.status, 'completed');
      assert.equal(result.design, design);
      assert.deepEqual({ ...result.tables }, SPARKIFY_ROWS);
      assert.deepEqual(
        result.checks.filter((check) => !check.passed && check.severity === 'error'),
        [],
      );
      assert.equal(result.rejectedRows, 0);
      await assertContent();
      const [info] = await e2e.sql(CLUSTER, `select diststyle from svv_table_info where "table" = 'songplays'`);
      if (typeof diststyle === 'string') assert.equal(info?.diststyle, diststyle);
      else assert.match(String(info?.diststyle), diststyle);
    });
  }

  it('gives the same rows when it is loaded again', async () => {
    const workflowId = 'e2e-load-again';
    await e2e.startRun({
      type: 'loadWarehouse',
      workflowId,
      input: {
        ...{ warehouse: 'sparkify', onFailure: 'fail' },
        source: { url: 's3://e2e-designs/sparkify/' },
        target: { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } },
      },
    });
    assert.deepEqual({ ...(await e2e.result(workflowId)).tables }, SPARKIFY_ROWS);
    await assertContent();
  });

  async function assertContent(): Promise<void> {
    const levels = await e2e.sql(
      CLUSTER,
      'select level, count(*)::int as users from users group by level order by level',
    );
    assert.deepEqual(levels, [
      { level: 'free', users: 75 },
      { level: 'paid', users: 22 },
    ]);
    const plays = await e2e.sql(
      CLUSTER,
      'select song_id, artist_id, user_id::int as user_id, session_id::int as session_id from songplays where song_id is not null',
    );
    const only = { song_id: 'SOZCTXZ12AB0182364', artist_id: 'AR5KOSW1187FB35FF4', user_id: 15, session_id: 818 };
    assert.deepEqual(plays, [only]);
  }
});
