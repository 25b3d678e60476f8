import assert from 'node:assert/strict';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack } from './support/e2e-stack.js';
import { requireSparkify, SPARKIFY_ROWS } from './support/sparkify-data.js';

describe('the files in examples/, through the Temporal CLI', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;

  before(async function () {
    const data = requireSparkify(this);
    e2e = await E2eStack.start();
    await e2e.upload(data, 'starshift-demo');
  });
  after(() => e2e?.stop());

  const run = async (type: string, file: string) => {
    const workflowId = `example-${type}`;
    const flags = ['--task-queue', 'starshift', '--type', type, '--workflow-id', workflowId];
    const started = await e2e.temporal('workflow', 'start', ...flags, '--input-file', `examples/${file}`);
    assert.equal(started.code, 0, started.stderr);
    return e2e.result(workflowId);
  };

  it('build the warehouse in single steps', async () => {
    const provisioned = await run('provisionWarehouse', 'provision-warehouse.json');
    assert.equal(provisioned.cluster, 'starshift-demo');
    const created = await run('createTables', 'create-tables.json');
    assert.equal(created.design, 'by-user');
    const loaded = await run('loadWarehouse', 'load-warehouse.json');
    assert.deepEqual({ ...loaded.tables }, SPARKIFY_ROWS);
    const checked = await run('checkWarehouse', 'check-warehouse.json');
    assert.ok(checked.checks.length > 10);
    assert.ok(checked.checks.every((check) => check.passed || check.severity === 'warning'));
  });

  it('build the warehouse in one run', async () => {
    const built = await run('buildWarehouse', 'build-warehouse.json');
    assert.equal(built.status, 'completed');
    assert.deepEqual({ ...built.tables }, SPARKIFY_ROWS);
  });

  it('load nothing twice, incrementally', async () => {
    const loaded = await run('loadWarehouse', 'load-incremental.json');
    assert.deepEqual({ ...loaded.tables }, SPARKIFY_ROWS);
    const staged = loaded.steps.filter(({ kind }) => kind === 'stage').map(({ id, rows }) => [id, rows]);
    assert.deepEqual(staged, [
      ['staging_events', 0],
      ['staging_songs', 0],
    ]);
  });

  it('tear the warehouse down', async () => {
    const result = await run('teardownWarehouse', 'teardown-warehouse.json');
    assert.equal(result.status, 'completed');
    await assert.rejects(e2e.endpoint('starshift-demo'), /ClusterNotFound|not found/i);
  });

  it('tear down what is gone without harm', async () => {
    const result = await run('teardownWarehouse', 'teardown-warehouse.json');
    assert.equal(result.status, 'completed');
  });
});
