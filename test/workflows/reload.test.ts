import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
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

  it('asks each source for its own files, by URL or key', async () => {
    const reload = ['s3://music/log_data/a.json', 'log_data/b.json', 'song_data/c.json'];
    const run = await runs.start('loadWarehouse', { ...LOAD, mode: 'incremental', reload });
    await run.result();
    const asked = runs.activities
      .requests<ListSourceRequest>('listSource')
      .map(({ step, incremental }) => [step, incremental?.reload] as const)
      .sort(([one], [other]) => one.localeCompare(other));
    assert.deepEqual(asked, [
      ['staging_events', ['s3://music/log_data/a.json', 'log_data/b.json']],
      ['staging_songs', ['song_data/c.json']],
    ]);
  });

  it('takes a file that is under no source for an error of the input', async () => {
    const run = await runs.start('loadWarehouse', { ...LOAD, mode: 'incremental', reload: ['elsewhere/d.json'] });
    const failure = await run.failure();
    assert.equal(failure.type, 'InvalidInput');
    assert.match(
      failure.message,
      /"reload" names elsewhere\/d\.json, and the sources of this load are s3:\/\/music\/log_data, /,
    );
    assert.deepEqual(runs.activities.requests('listSource'), []);
  });

  it('lets a retry name other files than the input', async () => {
    runs.activities.reset({
      listSource: async ({ incremental, step }) => {
        if (incremental?.reload.includes('log_data/typo.json')) {
          throw ApplicationFailure.nonRetryable('Not found under it', 'FileNotListed');
        }
        return { manifestUrl: `s3://music/${step}`, files: 1, sizeBytes: 1 };
      },
    });
    const run = await runs.start('loadWarehouse', { ...LOAD, mode: 'incremental', reload: ['log_data/typo.json'] });
    await run.until('staging_events', 'parked');
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events', reload: ['log_data/a.json'] }] });
    assert.equal((await run.result()).status, 'completed');
  });
});
