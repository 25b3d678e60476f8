import assert from 'node:assert/strict';
import type { ListSourceRequest } from '../../src/activities/activities.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRuns } from './test-runs.js';

describe('loadWarehouse with reload', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  it('asks each source for its own files, by URL or key, and every source for those that are under none', async () => {
    const reload = ['s3://music/log_data/a.json', 'log_data/b.json', 'song_data/c.json', 'elsewhere/d.json'];
    const run = await runs.start('loadWarehouse', { ...LOAD, mode: 'incremental', reload });
    await run.result();
    const asked = runs.activities
      .requests<ListSourceRequest>('listSource')
      .map(({ step, incremental }) => [step, incremental?.reload] as const)
      .sort(([one], [other]) => one.localeCompare(other));
    assert.deepEqual(asked, [
      ['staging_events', ['s3://music/log_data/a.json', 'log_data/b.json', 'elsewhere/d.json']],
      ['staging_songs', ['song_data/c.json', 'elsewhere/d.json']],
    ]);
  });
});
