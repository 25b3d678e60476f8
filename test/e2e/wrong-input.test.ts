import assert from 'node:assert/strict';
import { join } from 'node:path';
import { CreateClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-redshift';
import { startWorkerProcess } from '../../src/cli/worker-process.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { event, writeData } from './support/sparkify-data.js';

const CLUSTER = 'e2e-wrong';
const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };
const SOURCE = { url: 's3://e2e-wrong/good/' };

describe('wrong input', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;
  let count = 0;

  before(async () => {
    e2e = await E2eStack.start();
    const folder = join(e2e.folder, 'good');
    await writeData({ folder, logs: { 'a.json': event() } });
    await e2e.upload(folder, 'e2e-wrong', 'good/');
    const cluster = { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } };
    const input = { source: { url: 's3://e2e-wrong/' }, cluster };
    await e2e.startRun({ type: 'provisionWarehouse', workflowId: 'wrong-cluster', input });
    await e2e.result('wrong-cluster');
    const tables = { warehouse: 'sparkify', recreate: true, target: TARGET };
    await e2e.startRun({ type: 'createTables', workflowId: 'wrong-tables', input: tables });
    await e2e.result('wrong-tables');
  });
  after(() => e2e?.stop());

  /** Starts a run that cannot succeed; the text of its failure as the Temporal CLI shows it. */
  const failure = async (type: string, input: object): Promise<string> => {
    count += 1;
    const workflowId = `wrong-${count}`;
    await e2e.startRun({ type, workflowId, input });
    const { code, stdout, stderr } = await e2e.temporal('workflow', 'result', '--workflow-id', workflowId);
    assert.notEqual(code, 0, 'the run succeeded');
    return stdout + stderr;
  };

  const load = (change: object) =>
    failure('loadWarehouse', { warehouse: 'sparkify', source: SOURCE, target: TARGET, onFailure: 'fail', ...change });

  const endpoint = async (change: object = {}) => {
    const { Address: host, Port: port } = await e2e.endpoint(CLUSTER);
    return { host, port, database: 'dev', user: 'admin', password: { env: PASSWORD_VARIABLE }, ...change };
  };

  it('lists every error of an input at once, unknown fields included', async () => {
    const text = await failure('loadWarehouse', {
      warehouse: 'Bad Name',
      source: {},
      target: TARGET,
      wat: 1,
      maxErrors: -1,
    });
    assert.match(text, /The input of loadWarehouse is not valid/);
    for (const error of [/warehouse: /, /source\.url: /, /wat: is not a known field/, /maxErrors: /])
      assert.match(text, error);
  });

  it('names the missing bucket', async () => {
    const text = await load({ source: { url: 's3://no-such-bucket-here/x/' } });
    assert.match(text, /There is no bucket no-such-bucket-here/);
  });

  it('names the prefix that holds no files', async () => {
    await writeData({ folder: join(e2e.folder, 'empty'), logs: {} });
    await e2e.upload(join(e2e.folder, 'empty'), 'e2e-wrong', 'empty/');
    const text = await load({ source: { url: 's3://e2e-wrong/empty/' } });
    assert.match(text, /There are no files under s3:\/\/e2e-wrong\/empty\/log_data\//);
  });

  it('does not try a wrong password again', async () => {
    const target = await endpoint({ user: 'nobody' });
    const text = await load({ target });
    assert.match(text, /password authentication failed for user "nobody"/);
    assert.match(text, /It is not tried again/);
    assert.doesNotMatch(text, /Local-e2e-Passw0rd/);
  });

  it('says which variable of the worker lacks the password', async () => {
    const text = await load({ target: await endpoint({ password: { env: 'STARSHIFT_PASSWORD_ABSENT' } }) });
    assert.match(text, /STARSHIFT_PASSWORD_ABSENT/);
  });

  it('names the unknown warehouse and those there are', async () => {
    const text = await load({ warehouse: 'nonsense' });
    assert.match(text, /nonsense: is not a warehouse of .*; there are sparkify/);
  });

  it('names the unknown design and those there are', async () => {
    const text = await failure('createTables', { ...{ warehouse: 'sparkify', design: 'nonsense', target: TARGET } });
    assert.match(text, /there are by-user, by-song, even, auto/);
  });

  it('names the cluster that is not there', async () => {
    const text = await load({ target: { cluster: 'no-such-cluster' } });
    assert.match(text, /There is no cluster no-such-cluster/);
  });

  it('leaves a cluster alone that belongs to someone else', async () => {
    await e2e.redshift().send(
      new CreateClusterCommand({
        ...{ ClusterIdentifier: 'someone-elses', NodeType: 'ra3.large', ClusterType: 'single-node' },
        ...{ MasterUsername: 'admin', MasterUserPassword: 'Local-e2e-Passw0rd' },
      }),
    );
    const cluster = { identifier: 'someone-elses', adminPassword: { env: PASSWORD_VARIABLE } };
    const provision = await failure('provisionWarehouse', { source: SOURCE, cluster, onFailure: 'fail' });
    assert.match(provision, /does not carry the tag starshift:cluster=someone-elses/);
    const teardown = await failure('teardownWarehouse', { cluster: 'someone-elses', onFailure: 'fail' });
    assert.match(teardown, /does not carry the tag starshift:cluster=someone-elses/);
    const { Clusters } = await e2e.redshift().send(new DescribeClustersCommand({ ClusterIdentifier: 'someone-elses' }));
    assert.match(Clusters?.[0]?.ClusterStatus ?? '', /^(creating|available)$/);
  });

  it('refuses dc2 nodes and an open cluster, with the reason', async () => {
    const cluster = { identifier: 'never', nodeType: 'dc2.large', ingress: ['0.0.0.0/0'] };
    const text = await failure('provisionWarehouse', { source: SOURCE, cluster });
    assert.match(text, /dc2 cannot be created any more/);
    assert.match(text, /opens the cluster to the internet/);
  });

  it('says that no worker polls the task queue, and how to start one', async () => {
    const input = JSON.stringify({ warehouse: 'sparkify', target: TARGET });
    const args = ['run', 'checkWarehouse', '--input', input, '--workflow-id', 'wrong-queue'];
    const run = e2e.startStarshift(args, { STARSHIFT_TASK_QUEUE: 'nobody-listens' });
    const deadline = Date.now() + 30_000;
    while (!run.output().includes('npx starshift worker') && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.match(run.output(), /No worker polls task queue "nobody-listens"/);
    run.signal('SIGINT');
    const { code, stderr } = await run.finished;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /The run goes on without you/);
    await e2e.temporal('workflow', 'terminate', '--workflow-id', 'wrong-queue');
  });

  it('refuses a second run with the id of one that goes on', async () => {
    const handle = await e2e.client.workflow.start('loadWarehouse', {
      ...{ workflowId: 'wrong-twice', taskQueue: 'nobody-listens', args: [{}] },
    });
    const input = JSON.stringify({ warehouse: 'sparkify', target: TARGET });
    const { code, stderr } = await e2e.starshift(
      'run',
      'checkWarehouse',
      '--input',
      input,
      '--workflow-id',
      'wrong-twice',
    );
    assert.equal(code, 1);
    assert.match(stderr, /A run with the id wrong-twice is already going on/);
    await handle.terminate();
  });

  it('parks at a host that nobody reaches, and the progress names it', async () => {
    const target = await endpoint({ host: 'no-such-host.invalid', port: 5439 });
    await e2e.startRun({
      type: 'checkWarehouse',
      workflowId: 'wrong-host',
      input: { warehouse: 'sparkify', target },
    });
    const isTold = ({ steps }: { readonly steps: readonly { readonly error?: { readonly message: string } }[] }) =>
      steps.some(({ error }) => error?.message.includes('no-such-host.invalid'));
    await e2e.until('wrong-host', 'the host is named', isTold);
    await e2e.temporal('workflow', 'terminate', '--workflow-id', 'wrong-host');
  });

  it('refuses a server whose certificate another authority signed', async () => {
    const logFile = join(e2e.folder, 'other-worker.log');
    const environment = { ...e2e.environment, STARSHIFT_REDSHIFT_CA: '', STARSHIFT_TASK_QUEUE: 'other-ca' };
    const worker = await startWorkerProcess({ environment, client: e2e.client, taskQueue: 'other-ca', logFile });
    try {
      const input = { warehouse: 'sparkify', target: TARGET, onFailure: 'fail' };
      const execution = e2e.client.workflow.execute('checkWarehouse', {
        ...{ workflowId: 'wrong-ca', taskQueue: 'other-ca', args: [input] },
      });
      await assert.rejects(execution, (error: Error) => {
        assert.match(JSON.stringify(error, errorFields), /SELF_SIGNED_CERT_IN_CHAIN.*STARSHIFT_REDSHIFT_CA/);
        return true;
      });
    } finally {
      await worker.stop();
    }
  });
});

/** Errors keep what they say in fields that JSON leaves out. */
function errorFields(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { ...value, name: value.name, message: value.message, cause: value.cause };
}
