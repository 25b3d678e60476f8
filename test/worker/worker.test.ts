import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findWorkflowCode } from '../../src/worker/workflow-code.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

describe('The worker process', () => {
  const started: ChildProcess[] = [];
  let stack: Readonly<Record<string, string>>;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    stack = (await getTestStack({ temporal: true, s3: false, redshift: false })).environment;
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  function start(environment: Readonly<Record<string, string>>): { child: ChildProcess; ended: Promise<Ended> } {
    const env = { ...process.env, ...stack, ...environment };
    const child = spawn(process.execPath, ['--import', 'tsx', WORKER], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    started.push(child);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stderr })) };
  }

  it('names TEMPORAL_ADDRESS and exits with 1 when nothing answers there', async () => {
    const { code, stderr } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' }).ended;
    assert.equal(code, 1);
    assert.equal(
      stderr,
      'starshift worker: Temporal at 127.0.0.1:1 cannot be reached: Connection refused. Check TEMPORAL_ADDRESS or the profile in temporal.toml, and its TLS settings.\n',
    );
  });

  it('names TEMPORAL_NAMESPACE and exits with 1 when the server has no such namespace', async () => {
    const { code, stderr } = await start({ TEMPORAL_NAMESPACE: 'nowhere' }).ended;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /has no namespace "nowhere"\. Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace/,
    );
  });

  it('logs a JSON object a line to stderr, and stops in order on SIGTERM', async () => {
    const { child, ended } = start({ STARSHIFT_TASK_QUEUE: 'worker-test' });
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => {
        if (text.includes('RUNNING')) resolve();
      });
    });
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    const entries = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(
      entries.every(({ time, level, message }) => time && level && message),
      stderr,
    );
  });
});

describe('findWorkflowCode', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'starshift-code-'));
    for (const folder of ['workflows', 'domain']) {
      await mkdir(join(root, folder));
      await writeFile(join(root, folder, 'index.js'), '');
    }
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('takes the bundle that is as new as the modules in it', async () => {
    const codePath = join(root, 'workflow-bundle.js');
    await writeFile(codePath, '');
    assert.deepEqual(findWorkflowCode(root), { workflowBundle: { codePath } });
  });

  it('takes the modules when one of them is newer than the bundle', async () => {
    await writeFile(join(root, 'workflow-bundle.js'), '');
    const later = new Date(Date.now() + 10_000);
    await utimes(join(root, 'domain/index.js'), later, later);
    assert.deepEqual(findWorkflowCode(root), { workflowsPath: join(root, 'workflows/index.js') });
  });

  it('takes the modules when there is no bundle', () => {
    assert.deepEqual(findWorkflowCode(root), { workflowsPath: join(root, 'workflows/index.js') });
  });
});
