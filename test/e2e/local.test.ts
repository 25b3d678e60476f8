import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openClient } from '../../src/cli/connect.js';
import { listPollers } from '../../src/cli/task-queue-pollers.js';
import { readConfig } from '../../src/config.js';
import { readRunningStack } from '../../src/local-stack/running-stack.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { type Running, startStarshift } from './support/run-program.js';

const PORTS = ['temporal', 'ui', 's3', 'control', 'redshift'].flatMap((part) => [`--${part}-port`, '0']);

describe('starshift local', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let stateDir: string;
  let local: Running;

  const starshift = (...args: readonly string[]) =>
    startStarshift(args, {
      ...process.env,
      ...{ TEMPORAL_ADDRESS: '', STARSHIFT_STATE_DIR: stateDir, STARSHIFT_PASSWORD_LOCAL: 'never-sent' },
    });

  const said = async (running: Running, pattern: RegExp) => {
    const deadline = Date.now() + 60_000;
    while (!pattern.test(running.output()) && Date.now() < deadline) await delay(50);
    assert.match(running.output(), pattern);
  };

  const client = async () => {
    const stack = await readRunningStack(stateDir);
    return openClient(readConfig({ ...process.env, ...stack?.environment }).temporal);
  };

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-local-'));
    local = starshift('local', ...PORTS);
    await said(local, /Everything stays up until Ctrl-C/);
  });

  after(async () => {
    local.signal('SIGINT');
    assert.equal((await local.finished).code, 0);
    await rm(stateDir, { recursive: true, force: true });
  });

  it('has the data that the examples load, so that the first advised run completes', async () => {
    const { code, stdout, stderr } = await starshift(
      ...['run', 'buildWarehouse', '--input-file', 'examples/build-warehouse.json', '--json'],
    ).finished;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).tables.staging_events, 8_000);
  });

  it('prints one document with the fields of a result when a run parks', async () => {
    const input = {
      ...{ target: { cluster: 'starshift-demo' }, warehouse: 'sparkify' },
      source: { url: 's3://starshift-demo/nothing/', region: 'us-west-2' },
    };
    const args = ['--input', JSON.stringify(input), '--workflow-id', 'local-parked', '--json'];
    const { code, stdout, stderr } = await starshift('run', 'loadWarehouse', ...args).finished;
    assert.equal(code, 1, stderr);
    const { status, workflowId, runId, tables, checks, steps } = JSON.parse(stdout);
    assert.deepEqual(
      { status, workflowId, tables, checks },
      {
        ...{ status: 'parked', workflowId: 'local-parked', tables: {}, checks: [] },
      },
    );
    assert.match(runId, /^[0-9a-f-]{36}$/);
    assert.ok(steps.length > 5);
    assert.equal((await starshift('abort', 'local-parked').finished).code, 0);
  });

  it('tells that a step is tried again, while it is', async () => {
    const target = {
      ...{ host: 'no-such-host.invalid', port: 5439, database: 'dev', user: 'admin' },
      password: { env: 'STARSHIFT_PASSWORD_LOCAL' },
    };
    const input = JSON.stringify({ warehouse: 'sparkify', target });
    const run = starshift('run', 'checkWarehouse', '--input', input, '--workflow-id', 'local-retried');
    await said(run, /retrying {2}.*: attempt \d+ of \d+, (next in \d+ s|running): .*no-such-host\.invalid/);
    const { stdout } = await starshift('status', 'local-retried').finished;
    assert.match(stdout, / {10}attempt \d+ of \d+, (next in \d+ s|running): .*no-such-host\.invalid/);
    run.signal('SIGINT');
    await run.finished;
    const temporal = await client();
    await temporal.workflow.getHandle('local-retried').terminate();
    await temporal.connection.close();
  });

  it('names the workflows there are when a run was started with a mistyped one', async () => {
    const temporal = await client();
    const handle = await temporal.workflow.start('createTabless', {
      ...{ workflowId: 'local-typo', taskQueue: 'starshift', args: [{}] },
    });
    const { code, stderr } = await starshift('status', 'local-typo').finished;
    assert.equal(code, 1);
    assert.match(stderr, /there is no workflow "createTabless"\. Workflows: buildWarehouse, .*createTables/);
    assert.doesNotMatch(stderr, /No worker polls/);
    await handle.terminate();
    await temporal.connection.close();
  });

  it('refuses a second start before it writes anything', async () => {
    await rm(join(stateDir, 'sample'), { recursive: true });
    const { code, stderr } = await starshift('demo', '--exit', ...PORTS).finished;
    assert.equal(code, 1);
    assert.match(stderr, /is already running/);
    assert.doesNotMatch(stderr, /sample: made/);
  });

  it('starts the worker again when it is killed', async () => {
    const temporal = await client();
    const [identity = ''] = await listPollers(temporal, 'starshift');
    await temporal.connection.close();
    process.kill(Number(identity.split('@')[0]), 'SIGKILL');
    await said(local, /The worker ended and is started again\. .*\nThe worker polls again\./);
    const args = ['--input-file', 'examples/check-warehouse.json', '--workflow-id', 'local-after'];
    const { code, stderr } = await starshift('run', 'checkWarehouse', ...args).finished;
    assert.equal(code, 0, stderr);
  });
});

describe('the data of starshift local', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let folder: string;
  let stateDir: string;
  let music: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starshift-local-data-'));
    stateDir = join(folder, 'state');
    music = join(folder, 'music');
    for (const name of ['log_data', 'song_data']) {
      await mkdir(join(music, name), { recursive: true });
      await writeFile(join(music, name, 'one.json'), '{}');
    }
    await writeFile(join(music, 'log_json_path.json'), '{"jsonpaths": []}');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What a start said, after `meanwhile`. */
  const start = async (args: readonly string[], meanwhile: () => Promise<unknown> = async () => undefined) => {
    const environment = { ...process.env, TEMPORAL_ADDRESS: '', STARSHIFT_STATE_DIR: stateDir };
    const running = startStarshift(['local', '--no-worker', ...PORTS, ...args], environment);
    const deadline = Date.now() + 120_000;
    while (!/Everything stays up/.test(running.output()) && Date.now() < deadline) await delay(50);
    await meanwhile();
    running.signal('SIGINT');
    const { code, stderr } = await running.finished;
    assert.equal(code, 0, stderr);
    return stderr;
  };

  const put = async (key: string) => {
    const stack = await readRunningStack(stateDir);
    assert.ok(stack !== undefined);
    const { endpoint, region, ...credentials } = stack.s3;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new PutObjectCommand({ Bucket: 'starshift-demo', Key: `sparkify/${key}`, Body: '{}' }));
    client.destroy();
  };

  it('stays when it is not the sample, until a person asks for the sample; files of others stay always', async () => {
    assert.match(await start(['--data', music], () => put('log_data/theirs.json')), /upload: 3 files to s3:/);

    const kept = await start([]);
    assert.match(
      kept,
      /upload: s3:\/\/starshift-demo\/sparkify\/ holds the files of \/.*\/music, which stay; for the sample: /,
    );
    const [, sample = ''] = /npx starshift local --data (\S+)/.exec(kept) ?? [];

    const replaced = await start(['--data', sample]);
    assert.match(replaced, /upload: the files of \/.*\/music gave way to those of the sample: 1 replaced, 2 removed/);
    assert.match(replaced, /upload: 1 file that is not of the sample stays: log_data\/theirs\.json/);

    const again = await start([]);
    assert.match(again, /upload: 0 files to .*, 131 were there already/);
    assert.match(again, /upload: 1 file that is not of the sample stays: log_data\/theirs\.json/);
  });
});
