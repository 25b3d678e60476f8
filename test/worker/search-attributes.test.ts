import assert from 'node:assert/strict';
import { NativeConnection } from '@temporalio/worker';
import { registerSearchAttributes } from '../../src/worker/search-attributes.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, quietRuntime, type TestRun, TestRuns } from '../workflows/test-runs.js';

describe('Search attributes', () => {
  let runs: TestRuns;
  let plain: TestRuns;
  let connection: NativeConnection;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    quietRuntime();
    const { temporal } = await getTestStack({ temporal: true, s3: false, redshift: false });
    connection = await NativeConnection.connect({ address: temporal.address });
    runs = await TestRuns.begin();
    plain = await TestRuns.begin({ searchAttributes: false });
  });
  after(async () => {
    await runs?.end();
    await plain?.end();
    await connection?.close();
  });

  async function attributes(run: TestRun): Promise<Record<string, unknown>> {
    const { typedSearchAttributes } = await run.handle.describe();
    const pairs = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value] as const);
    return Object.fromEntries(pairs.filter(([name]) => name.startsWith('Starshift')));
  }

  it('are registered, again and again', async () => {
    assert.deepEqual(await registerSearchAttributes(connection, 'default'), { registered: true });
    assert.deepEqual(await registerSearchAttributes(connection, 'default'), { registered: true });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    for (const name of ['StarshiftWarehouse', 'StarshiftCluster', 'StarshiftStatus']) {
      assert.equal(customAttributes?.[name], 2, name);
    }
  });

  it('tell warehouse, cluster and the latest status of a run', async () => {
    const run = await runs.start('loadWarehouse', LOAD);
    await run.result();
    assert.deepEqual(await attributes(run), {
      StarshiftWarehouse: 'music',
      StarshiftCluster: 'redshift.example.com',
      StarshiftStatus: 'completed',
    });
  });

  it('are left out by runs of a worker that could not register them', async () => {
    const run = await plain.start('loadWarehouse', LOAD);
    await run.result();
    assert.deepEqual(await attributes(run), {});
  });

  it('that cannot be registered are told with the command that does it', async () => {
    const { registered, reason } = await registerSearchAttributes(connection, 'nowhere');
    assert.equal(registered, false);
    assert.match(reason ?? '', /^Search attributes cannot be registered: /);
    assert.match(
      reason ?? '',
      /temporal operator search-attribute create --namespace nowhere --name StarshiftWarehouse --type Keyword /,
    );
  });
});
