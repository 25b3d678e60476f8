import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { environmentFilePath } from '../../src/local-stack/environment-file.js';
import { answersOk } from '../../src/local-stack/http-ready.js';
import { LocalStackError } from '../../src/local-stack/local-stack-error.js';
import { answers, anyFreePort } from '../../src/local-stack/ports.js';
import { commandLine, identifyProcess, isRunning } from '../../src/local-stack/process-identity.js';
import { provideServers } from '../../src/local-stack/provide-servers.js';
import { readRunningStack } from '../../src/local-stack/running-stack.js';
import { startS3Server } from '../../src/local-stack/s3-server.js';
import { readStackRecord, writeStackRecord } from '../../src/local-stack/stack-record.js';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../src/local-stack/start-local-stack.js';
import { waitUntil } from '../../src/local-stack/wait-until.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const OWNER = fileURLToPath(new URL('../fixtures/stack-owner.ts', import.meta.url));
const ANY_PORTS = { temporal: 0, ui: 0, s3: 0, controlPlane: 0, redshift: 0 };

describe('startLocalStack', () => {
  let stateDir: string;
  let stack: LocalStack | undefined;

  before('brings the programs', async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    await getTestStack({ redshift: false });
  });

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-stack-'));
  });

  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
    await rm(stateDir, { recursive: true, force: true });
  });

  const options = (more: Partial<LocalStackOptions> = {}): LocalStackOptions => ({
    stateDir,
    environment: { ...process.env, TEMPORAL_ADDRESS: undefined },
    ports: ANY_PORTS,
    parts: { redshift: false },
    ...more,
  });
  const start = async (more: Partial<LocalStackOptions> = {}) => {
    stack = await startLocalStack(options(more));
    return stack;
  };
  const refusal = async (more: Partial<LocalStackOptions>) => {
    const error: unknown = await startLocalStack(options(more)).then(
      (started) => started.stop(),
      (reason) => reason,
    );
    assert.ok(error instanceof LocalStackError, String(error));
    return error;
  };
  const processes = async () => (await readStackRecord(stateDir))?.processes ?? [];

  it('gives the same test stack to a test that wants less', async () => {
    // Whichever stack other tests have started first: it is not started again.
    const less = await getTestStack({ redshift: false, s3: false });
    assert.equal(await getTestStack({ redshift: false, s3: false }), less);
    assert.ok(less.temporal.uiUrl);
  });

  it('serves Temporal with its UI and S3, and leaves no process, port or record when stopped', async () => {
    const { temporal, s3, stop } = await start();
    assert.equal(await answersOk(`${temporal.uiUrl}/api/v1/namespaces/default`), true);
    assert.equal(await answersOk(`${s3.endpoint}/health`), true);
    const servers = await processes();
    assert.deepEqual(servers.map(({ name }) => name).sort(), ['S3', 'Temporal']);
    await stop();
    for (const server of servers) assert.equal(await isRunning(server), false);
    assert.equal(await answers({ host: '127.0.0.1', port: Number(new URL(s3.endpoint).port) }), false);
    assert.equal(await readStackRecord(stateDir), undefined);
    assert.equal(await readRunningStack(stateDir), undefined);
  });

  it('tells another command where the running stack is', async () => {
    const { temporal, environment } = await start({ parts: { temporal: false, redshift: false } });
    const running = await readRunningStack(stateDir);
    assert.equal(running?.pid, process.pid);
    assert.deepEqual(running?.environment, environment);
    assert.equal(running?.temporal.address, temporal.address);
  });

  it('keeps its secrets out of command lines and out of reach of other users', async () => {
    const { s3 } = await start({ parts: { temporal: false, redshift: false } });
    for (const name of ['stack.json', 's3/credentials.json']) {
      assert.equal((await stat(join(stateDir, name))).mode & 0o077, 0, name);
    }
    const [server] = await processes();
    assert.equal((await commandLine(server?.pid ?? 0))?.includes(s3.secretAccessKey), false);
  });

  it('keeps objects and keys from one start to the next', async () => {
    const first = await start({ parts: { temporal: false, redshift: false } });
    const { accessKeyId, secretAccessKey } = first.s3;
    await first.stop();
    const second = await start({ parts: { temporal: false, redshift: false } });
    assert.deepEqual(
      { accessKeyId, secretAccessKey },
      { accessKeyId: second.s3.accessKeyId, secretAccessKey: second.s3.secretAccessKey },
    );
  });

  it('names the port, its holder and the flag when a port that was asked for is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { code, message } = await refusal({ ports: { ...ANY_PORTS, s3: address.port } });
    holder.close();
    assert.equal(code, 'port-taken');
    assert.match(message, new RegExp(`^Port ${address.port} for S3 is in use by process ${process.pid} \\(`));
    assert.match(message, /give another port with --s3-port\.$/);
    assert.equal(await readStackRecord(stateDir), undefined);
  });

  it('gives two stacks that start at the same moment ports of their own', async () => {
    const other = await mkdtemp(join(tmpdir(), 'starshift-stack-'));
    const both = await Promise.allSettled([
      startLocalStack(options({ ports: {} })),
      startLocalStack(options({ ports: {}, stateDir: other })),
    ]);
    for (const started of both) if (started.status === 'fulfilled') await started.value.stop();
    await rm(other, { recursive: true, force: true });
    const endpoints = both.map((started) =>
      started.status === 'fulfilled' ? started.value.s3.endpoint : started.reason,
    );
    assert.equal(new Set(endpoints).size, 2);
    for (const endpoint of endpoints) assert.match(String(endpoint), /^http:/);
  });

  it('does not take the answer of somebody else for that of its own server', async () => {
    const first = await start();
    const port = Number(new URL(first.s3.endpoint).port);
    const folder = await mkdtemp(join(tmpdir(), 'starshift-s3-'));
    const failure = await startS3Server({
      binary: (
        await provideServers({
          parts: { temporal: false, s3: true },
          environment: process.env,
          onProgress: () => undefined,
        })
      ).s3,
      folder,
      logFile: join(folder, 's3.log'),
      port,
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'other-secret' },
      environment: process.env,
      onSpawn: async () => undefined,
    }).then(
      (server) => server.stop(),
      (reason: unknown) => reason,
    );
    await rm(folder, { recursive: true, force: true });
    assert.ok(failure instanceof LocalStackError);
    assert.equal(failure.code, 'port-taken');
  });

  it('refuses a second start in the same folder with the process and the UI of the first', async () => {
    const { temporal } = await start();
    const { code, message } = await refusal({});
    assert.equal(code, 'already-running');
    assert.ok(message.includes(`process ${process.pid}; Temporal Web UI ${temporal.uiUrl}`), message);
  });

  it('stops nothing that a recycled pid belongs to', async () => {
    const bystander = spawn('sleep', ['60']);
    const identity = await identifyProcess(bystander.pid ?? 0);
    const stale = { name: 'S3', pid: bystander.pid ?? 0, startedAt: 'before the reboot', stopWithinMs: 1_000 };
    await writeStackRecord(stateDir, { version: 1, owner: { pid: 1, startedAt: '' }, processes: [stale] });
    await start({ parts: { temporal: false, redshift: false } });
    assert.ok(identity !== undefined && (await isRunning(identity)));
    bystander.kill();
  });

  it('stops the servers when their owner is killed', async () => {
    const servers = await killedOwner('guarded');
    for (const server of servers) {
      assert.ok(await waitUntil({ condition: async () => !(await isRunning(server)), withinMs: 20_000 }), server.name);
    }
  });

  it('stops what a killed owner left behind before it starts', async () => {
    const leftovers = await killedOwner('unguarded');
    assert.equal(leftovers.length, 1);
    for (const server of leftovers) assert.equal(await isRunning(server), true);
    const messages: string[] = [];
    const { s3 } = await start({
      parts: { temporal: false, redshift: false },
      onProgress: ({ message }) => messages.push(message),
    });
    for (const server of leftovers) assert.equal(await isRunning(server), false);
    assert.ok(messages.includes('stopped what an earlier run left behind: S3'), messages.join('\n'));
    assert.equal(await answersOk(`${s3.endpoint}/health`), true);
  });

  it('says so when a server ends by itself', async () => {
    const { crashed } = await start({ parts: { temporal: false, redshift: false } });
    const [server] = await processes();
    assert.ok(server);
    process.kill(server.pid, 'SIGKILL');
    assert.match((await crashed).message, /^S3 ended by itself \(SIGKILL\)/);
  });

  it('stops what it started when the start is given up', async () => {
    const giveUp = new AbortController();
    const outcome = startLocalStack(options({ signal: giveUp.signal }));
    assert.ok(await waitUntil({ condition: async () => (await processes()).length > 0, withinMs: 20_000 }));
    const servers = await processes();
    giveUp.abort();
    await assert.rejects(outcome, { name: 'AbortError' });
    for (const server of servers) assert.equal(await isRunning(server), false);
  });

  it('names the state folder that it cannot use', async () => {
    const file = join(stateDir, 'file');
    await writeFile(file, '');
    const { code, message } = await refusal({ stateDir: file });
    assert.equal(code, 'state-unusable');
    assert.ok(message.includes(file));
  });

  it('uses the Temporal that TEMPORAL_ADDRESS names', async () => {
    const { temporal } = await getTestStack({ redshift: false });
    const environment = { ...process.env, TEMPORAL_ADDRESS: temporal.address };
    const started = await start({ environment, parts: { s3: false, redshift: false } });
    assert.equal(started.temporal.address, temporal.address);
    assert.deepEqual(await processes(), []);
  });

  it('says that nothing answers at TEMPORAL_ADDRESS', async () => {
    const address = `127.0.0.1:${await anyFreePort()}`;
    const { code, message } = await refusal({ environment: { ...process.env, TEMPORAL_ADDRESS: address } });
    assert.equal(code, 'unreachable');
    assert.ok(message.startsWith(`TEMPORAL_ADDRESS is ${address}, but nothing answers there.`), message);
  });

  /** Starts S3 in another process and kills it; with `unguarded` its guards are killed first. */
  async function killedOwner(mode: 'guarded' | 'unguarded') {
    const owner = spawn(process.execPath, ['--import', 'tsx', OWNER, stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(owner.stdout, 'data');
    const servers = await processes();
    if (mode === 'unguarded') for (const { pid } of servers) await killGuardOf(pid);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    return servers;
  }
});

/** The guard is a shell whose second argument is the pid it watches. */
async function killGuardOf(pid: number): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  for (const line of lines) {
    if (!line.includes(`starshift-guard ${pid} `)) continue;
    const guard = await identifyProcess(Number.parseInt(line, 10));
    process.kill(Number.parseInt(line, 10), 'SIGKILL');
    if (guard !== undefined) await waitUntil({ condition: async () => !(await isRunning(guard)), withinMs: 5_000 });
  }
}

describe('startLocalStack with redshift-local', () => {
  let stack: LocalStack;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    stack = await getTestStack();
  });

  it('answers the AWS API to its keys, and names the authority of its clusters', async () => {
    const { region, accessKeyId, secretAccessKey } = stack.s3;
    const client = new STSClient({
      ...{ region, endpoint: stack.redshift.controlUrl, credentials: { accessKeyId, secretAccessKey } },
    });
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    client.destroy();
    assert.equal(Account, '000000000000');
    assert.match(await readFile(stack.redshift.caPath, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
  });

  it('writes what a shell sources, for its owner only', async () => {
    const path = environmentFilePath(stack.stateDir);
    const { stdout } = await promisify(execFile)('bash', ['-c', 'source "$0" && env', path], {
      env: { PATH: process.env.PATH, AWS_PROFILE: 'mine' },
    });
    const sourced = new Map(stdout.split('\n').map((line) => line.split(/=(.*)/s) as [string, string]));
    for (const [name, value] of Object.entries(stack.environment)) {
      assert.equal(sourced.get(name), value === '' ? undefined : value, name);
    }
    assert.equal((await stat(path)).mode & 0o077, 0);
  });
});
