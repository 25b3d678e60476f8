import assert from 'node:assert/strict';
import { WORKFLOWS } from '../../src/domain/names.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRuns } from './test-runs.js';

describe('An invalid input', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  for (const workflow of WORKFLOWS) {
    it(`ends ${workflow} at once with InvalidInput, without calling an activity`, async () => {
      const failure = await (await runs.start(workflow, { colour: 'blue', onFailure: 'shrug' })).failure();
      assert.equal(failure.type, 'InvalidInput');
      assert.equal(failure.nonRetryable, true);
      assert.match(failure.message, new RegExp(`^The input of ${workflow} is not valid:\n`));
      assert.match(failure.message, /\n {2}colour: is not a known field\n/);
      assert.match(failure.message, /\n {2}onFailure: /);
      assert.deepEqual(runs.activities.names(), []);
    });
  }

  it('that is missing, is told like one that is empty', async () => {
    const failure = await (await runs.start('teardownWarehouse')).failure();
    assert.match(failure.message, /\n {2}cluster: /);
  });

  it('lists every error in the failure and in the current details', async () => {
    const run = await runs.start('loadWarehouse', {
      ...LOAD,
      source: { url: 'music' },
      maxErrors: -1,
      decisionTimeout: 'soon',
    });
    const { message } = await run.failure();
    assert.equal(
      message,
      [
        'The input of loadWarehouse is not valid:',
        '  source.url: is not an S3 URL; write for example "s3://my-bucket/music/"',
        '  maxErrors: must be at least 0',
        '  decisionTimeout: is not a duration; write for example "30 minutes" or "72 hours"',
        'Start it again with these mended; examples/ has an input for each workflow.',
      ].join('\n'),
    );
    assert.match(await run.details(), /- `decisionTimeout: is not a duration/);
  });
});
