import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { openClient } from '../../src/cli/connect.js';
import { startWorkerProcess } from '../../src/cli/worker-process.js';
import { readConfig, silenceSdkWarnings } from '../../src/config.js';
import type { Notification } from '../../src/domain/notification.js';
import type { ChildServer } from '../../src/local-stack/child-server.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { TestRun } from '../workflows/test-runs.js';

const TASK_QUEUE = 'e2e-worker-change';
const SECRET = 'known to both';
const INPUT = {
  source: { url: 's3://e2e-worker-change/' },
  cluster: { identifier: 'e2e-worker-change', adminPassword: { env: 'STARSHIFT_PASSWORD_CHANGE' } },
};

describe('a run that waits for an answer', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let client: Client;
  let server: Server;
  const workers: ChildServer[] = [];
  const posted: { readonly body: string; readonly signature: string; readonly id: string }[] = [];
  let busy = 1;

  before(async () => {
    silenceSdkWarnings();
    const stack = await getTestStack();
    folder = await mkdtemp(join(tmpdir(), 'starshift-change-'));
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      if (busy-- > 0) return response.writeHead(503).end();
      const { 'starshift-signature': signature, 'starshift-notification': id } = request.headers;
      posted.push({ body, signature: String(signature), id: String(id) });
      return response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    environment = {
      ...process.env,
      ...stack.environment,
      STARSHIFT_TASK_QUEUE: TASK_QUEUE,
      STARSHIFT_NOTIFY_COMMAND: `tee -a '${join(folder, 'told')}'`,
      STARSHIFT_NOTIFY_URL: `http://127.0.0.1:${port}/hook`,
      STARSHIFT_NOTIFY_SECRET: SECRET,
      STARSHIFT_UI_URL: stack.temporal.uiUrl,
    };
    client = await openClient(readConfig(environment).temporal);
  });
  after(async () => {
    for (const worker of workers) await worker.stop();
    server?.close();
    await client?.connection.close();
    await rm(folder, { recursive: true, force: true });
  });

  const startWorker = async (change: NodeJS.ProcessEnv): Promise<ChildServer> => {
    const logFile = join(folder, `worker-${workers.length}.log`);
    const request = { environment: { ...environment, ...change }, client, taskQueue: TASK_QUEUE, logFile };
    const worker = await startWorkerProcess(request);
    workers.push(worker);
    return worker;
  };

  /** What the command was given, a document after the other. */
  const told = (): readonly Notification[] => {
    const path = join(folder, 'told');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return JSON.parse(`[${text.replaceAll('}{"version"', '},{"version"')}]`);
  };

  const until = async (what: string, condition: () => boolean) => {
    for (const deadline = Date.now() + 60_000; !condition(); await delay(50)) {
      assert.ok(
        Date.now() < deadline,
        `${what}: ${JSON.stringify(posted)} ${readFileSync(join(folder, 'worker-0.log'))}`,
      );
    }
  };

  it('is taken up by another worker, a new process with other settings; people are told by both', async () => {
    const first = await startWorker({});
    const workflowId = 'e2e-worker-change';
    const run = new TestRun(
      await client.workflow.start('provisionWarehouse', { workflowId, taskQueue: TASK_QUEUE, args: [INPUT] }),
    );
    const parked = await run.until('load-role', 'parked');
    assert.match(parked.error?.message ?? '', /STARSHIFT_PASSWORD_CHANGE/);
    await run.until('security-group', 'parked');
    await until('both were told of both steps', () => posted.length === 2 && told().length === 2);
    await first.stop();

    await startWorker({ STARSHIFT_PASSWORD_CHANGE: 'Local-e2e-Passw0rd' });
    for (const step of ['load-role', 'security-group']) {
      assert.equal((await run.step(step)).state, 'parked');
      await run.handle.executeUpdate('retryStep', { args: [{ step }] });
    }
    assert.equal((await run.result()).status, 'completed');
    assert.deepEqual(
      posted
        .map(({ body }) => JSON.parse(body) as Notification)
        .map(({ event, step }) => [event, step?.id ?? ''])
        .sort(),
      [
        ['completed', ''],
        ['parked', 'load-role'],
        ['parked', 'security-group'],
      ],
    );
  });

  it('is told with a signature, the id in a header and a link; a retry repeats only what was not sent', async () => {
    for (const { body, signature, id } of posted) {
      assert.equal(signature, `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`);
      const notification = JSON.parse(body) as Notification;
      assert.equal(id, notification.id);
      const { runId } = notification;
      const link = `${environment.STARSHIFT_UI_URL}/namespaces/default/workflows/e2e-worker-change/${runId}/history`;
      assert.equal(notification.uiUrl, link);
    }
    // The webhook was busy once, and the command had been told by then.
    const ids = told().map(({ id }) => id);
    assert.deepEqual([...ids].sort(), posted.map(({ id }) => id).sort());
    assert.equal(new Set(ids).size, 3);
    const log = readFileSync(join(folder, 'worker-0.log'), 'utf8');
    assert.match(log, /"message":"Notification sent".*"way":"command","outcome":\{"exitCode":0,"stderr":""\}/);
    assert.ok(!log.includes(SECRET) && !log.includes('/hook'), log);
  });
});
