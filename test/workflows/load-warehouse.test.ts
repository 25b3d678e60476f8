import assert from 'node:assert/strict';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRuns } from './test-runs.js';

describe('loadWarehouse', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('stages, inserts and counts, and reports rows, files and tables', async () => {
    const run = await runs.start('loadWarehouse', LOAD);
    const result = await run.result();
    console.log(JSON.stringify(result, null, 1));
    console.log(await run.details());
    assert.equal(result.status, 'completed');
  });
});
