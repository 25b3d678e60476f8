import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LocalStack, startLocalStack } from '../../src/local-stack/start-local-stack.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { type Running, startStarshift } from './support/run-program.js';

const INPUT = JSON.stringify({
  ...{ warehouse: 'sparkify', target: { cluster: 'starshift-demo' } },
  source: { url: 's3://starshift-demo/sparkify/', region: 'us-west-2' },
});

describe('a Temporal that ends while a run is followed', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let folder: string;
  let stack: LocalStack;
  let running: readonly Running[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starshift-gone-'));
    stack = await startLocalStack({
      ...{ stateDir: folder, environment: { ...process.env, TEMPORAL_ADDRESS: undefined } },
      ...{ parts: { temporal: true, s3: false, redshift: false }, ports: { temporal: 0, ui: 0 } },
    });
    const environment = { ...process.env, ...stack.environment, STARSHIFT_STATE_DIR: folder };
    const run = (id: string, ...flags: readonly string[]) =>
      startStarshift(['run', 'loadWarehouse', '--input', INPUT, '--workflow-id', id, ...flags], environment);
    running = [run('gone-1'), run('gone-2', '--json')];
    const deadline = Date.now() + 60_000;
    while (running.some((each) => !/No worker polls/.test(each.output())) && Date.now() < deadline) await delay(50);
    await stack.stop();
  });
  after(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is said, with how to look at the run again, and ends the command with 1', async () => {
    for (const [index, { finished }] of running.entries()) {
      const { code, stdout, stderr } = await finished;
      assert.equal(code, 1, stderr);
      const advice = `the run goes on when it is back; look at it with \`npx starshift status gone-${index + 1}\`\\.`;
      assert.match(stderr, new RegExp(`cannot be reached any more; ${advice}\\n$`));
      assert.doesNotMatch(stderr, /Resolution note|Channel|\n {4}at /);
      if (index === 0) assert.equal(stdout, '');
      else assert.equal(JSON.parse(stdout).workflowId, 'gone-2');
    }
  });
});
