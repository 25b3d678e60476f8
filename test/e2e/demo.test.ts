import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readRunningStack } from '../../src/local-stack/running-stack.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { type Running, startStarshift } from './support/run-program.js';
import { requireSparkify, SPARKIFY_ROWS } from './support/sparkify-data.js';

const PORTS = ['--temporal-port', '--ui-port', '--s3-port', '--control-port', '--redshift-port'].flatMap((flag) => [
  flag,
  '0',
]);

describe('starshift demo', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let stateDir: string;

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-demo-'));
  });
  after(() => rm(stateDir, { recursive: true, force: true }));

  const demo = (...args: readonly string[]): Running =>
    startStarshift(['demo', ...PORTS, ...args], {
      ...process.env,
      TEMPORAL_ADDRESS: '',
      STARSHIFT_STATE_DIR: stateDir,
    });

  const said = async (running: Running, pattern: RegExp) => {
    const deadline = Date.now() + 60_000;
    while (!pattern.test(running.output()) && Date.now() < deadline) await delay(50);
    assert.match(running.output(), pattern);
  };

  it('stops at Ctrl-C in the middle of a run, and the next start goes on with it', async function () {
    const data = requireSparkify(this);
    const first = demo('--data', data);
    await said(first, /running +COPY staging_events/);
    first.signal('SIGINT');
    const stopped = await first.finished;
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /nothing is left running/);
    assert.equal(await readRunningStack(stateDir), undefined);

    const second = await demo('--data', data, '--json').finished;
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /An earlier run with the same input was interrupted: it goes on/);
    const result = JSON.parse(second.stdout);
    assert.equal(result.status, 'completed');
    assert.equal(result.workflowId, 'starshift-demo');
    assert.deepEqual(result.tables, SPARKIFY_ROWS);
    assert.ok(result.checks.length > 10);
    assert.ok(result.steps.length > 10);
  });

  it('loads a generated sample, stays up with what to paste when asked to, and stops with 0 at Ctrl-C', async () => {
    const running = demo('--no-exit', '--design', 'even');
    await said(running, /Everything stays up until Ctrl-C/);
    assert.match(running.output(), /staging_events +8,000/);
    assert.match(running.output(), /temporal workflow start --address 127\.0\.0\.1:\d+ --task-queue starshift/);
    assert.match(running.output(), /http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/starshift-demo/);
    const status = await startStarshift(['status'], {
      ...process.env,
      TEMPORAL_ADDRESS: '',
      STARSHIFT_STATE_DIR: stateDir,
    }).finished;
    assert.match(status.stdout, /starshift-demo +buildWarehouse +completed/);
    running.signal('SIGINT');
    const { code, stderr } = await running.finished;
    assert.equal(code, 0, stderr);
    assert.equal(await readRunningStack(stateDir), undefined);
  });
});
