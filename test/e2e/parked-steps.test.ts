import assert from 'node:assert/strict';
import { join } from 'node:path';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { event, writeData } from './support/sparkify-data.js';

const CLUSTER = 'e2e-parked';
const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };
const GOOD = event() + event({ itemInSession: 1, ts: 1541440182797 });

describe('a step that fails for good waits for a person', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;

  before(async () => {
    e2e = await E2eStack.start();
    await upload('good', { 'a.json': GOOD });
    // The cluster's role may read what the source names: here the whole bucket, where each test has a folder.
    await e2e.startRun({
      type: 'provisionWarehouse',
      workflowId: 'parked-cluster',
      input: {
        source: { url: 's3://e2e-parked/' },
        cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
      },
    });
    await e2e.result('parked-cluster');
    const tables = { warehouse: 'sparkify', recreate: true, target: TARGET };
    await e2e.startRun({ type: 'createTables', workflowId: 'parked-tables', input: tables });
    await e2e.result('parked-tables');
  });
  after(() => e2e?.stop());

  const upload = async (name: string, logs: Readonly<Record<string, string>>, columns?: number) => {
    const folder = join(e2e.folder, name);
    await writeData({ folder, logs, ...(columns === undefined ? {} : { columns }) });
    await e2e.upload(folder, 'e2e-parked', `${name}/`);
  };

  const load = (workflowId: string, data: string) =>
    e2e.startRun({
      type: 'loadWarehouse',
      workflowId,
      input: { warehouse: 'sparkify', source: { url: `s3://e2e-parked/${data}/` }, target: TARGET },
    });

  const update = (workflowId: string, name: string, input: object) =>
    e2e.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name],
      ...['--input', JSON.stringify(input)],
    );

  it('names file, line and reason of a malformed line; retry without that file completes the run', async () => {
    await upload('malformed', { 'a.json': GOOD, 'b.json': `${event({ itemInSession: 2 })}{"ts": 1,,}\n` });
    await load('parked-malformed', 'malformed');
    const error = await e2e.parkedError('parked-malformed', 'staging_events');
    assert.match(error, /log_data\/b\.json/);
    assert.match(error, /line 2/);
    const answered = await update('parked-malformed', 'retryStep', {
      step: 'staging_events',
      exclude: ['s3://e2e-parked/malformed/log_data/b.json'],
    });
    assert.equal(answered.code, 0, answered.stderr);
    const result = await e2e.result('parked-malformed');
    assert.equal(result.tables.staging_events, 2);
  });

  it('names column and value of a value that is too long; starshift retry --max-errors completes the run', async () => {
    await upload('long', { 'a.json': GOOD + event({ itemInSession: 3, gender: 'female' }) });
    await load('parked-long', 'long');
    const error = await e2e.parkedError('parked-long', 'staging_events');
    assert.match(error, /log_data\/a\.json/);
    assert.match(error, /line 3/);
    assert.match(error, /gender/);
    assert.match(error, /female/);
    const status = await e2e.starshift('status', 'parked-long');
    assert.equal(status.code, 1, status.stderr);
    assert.match(status.stdout, /parked/);
    assert.match(status.stdout, /npx starshift retry parked-long staging_events/);
    const answered = await e2e.starshift('retry', 'parked-long', 'staging_events', '--max-errors', '1');
    assert.equal(answered.code, 0, answered.stderr);
    const result = await e2e.result('parked-long');
    assert.equal(result.tables.staging_events, 2);
    assert.equal(result.rejectedRows, 1);
  });

  it('tells a JSONPaths file that names too few columns; mending it and a retry complete the run', async () => {
    await upload('columns', { 'a.json': GOOD }, 17);
    await load('parked-columns', 'columns');
    const error = await e2e.parkedError('parked-columns', 'staging_events');
    assert.match(error, /jsonpath/i);
    await upload('columns', { 'a.json': GOOD });
    const answered = await update('parked-columns', 'retryStep', { step: 'staging_events' });
    assert.equal(answered.code, 0, answered.stderr);
    assert.equal((await e2e.result('parked-columns')).tables.staging_events, 2);
  });

  it('goes on without a step that is skipped', async () => {
    await load('parked-skip', 'long');
    await e2e.parkedError('parked-skip', 'staging_events');
    const answered = await e2e.starshift('skip', 'parked-skip', 'staging_events');
    assert.equal(answered.code, 0, answered.stderr);
    const result = await e2e.result('parked-skip');
    assert.equal(result.status, 'completedWithSkips');
    assert.equal(result.steps.find(({ id }) => id === 'staging_events')?.state, 'skipped');
  });

  it('ends when it is aborted, with the reason in its failure', async () => {
    await load('parked-abort', 'long');
    await e2e.parkedError('parked-abort', 'staging_events');
    const answered = await e2e.starshift('abort', 'parked-abort', '--reason', 'wrong bucket');
    assert.equal(answered.code, 0, answered.stderr);
    const failed = await e2e.temporal('workflow', 'result', '--workflow-id', 'parked-abort');
    assert.match(failed.stdout + failed.stderr, /wrong bucket/);
    const { stdout } = await e2e.temporal('workflow', 'describe', '--workflow-id', 'parked-abort', '--output', 'json');
    assert.match(stdout, /FAILED/);
  });

  /** Runs a printed command; the program of these sources stands for the installed one. */
  const paste = async (command: string) => {
    const words = command.replace(/^npx starshift /, '').split(' ');
    const answered = await e2e.starshift(...words);
    assert.equal(answered.code, 0, `${command}\n${answered.stderr}`);
  };

  for (const [reload, word, rows, firstNames] of [
    [true, 'reload', 3, ['Bob', 'Bob', 'Bob']],
    [false, 'exclude', 2, ['Ann', 'Ann']],
  ] as const) {
    it(`stops at a file that has changed; the printed ${word} ${reload ? 'replaces its rows' : 'keeps its rows'}`, async () => {
      const id = `parked-changed-${word}`;
      await upload(id, { 'a.json': GOOD });
      await load(`${id}-full`, id);
      await e2e.result(`${id}-full`);
      const changed = [0, 1, 2].map((item) => event({ itemInSession: item, firstName: 'Bob' }));
      await upload(id, { 'a.json': changed.join('') });
      const source = { url: `s3://e2e-parked/${id}/` };
      const input = { warehouse: 'sparkify', source, target: TARGET, mode: 'incremental' };
      await e2e.startRun({ type: 'loadWarehouse', workflowId: id, input });
      const error = await e2e.parkedError(id, 'staging_events');
      assert.match(
        error,
        new RegExp(`by run .* of workflow ${id}-full at .*:\\n  s3://e2e-parked/${id}/log_data/a.json: ETag `),
      );
      const { steps } = await e2e.until(id, 'parked', ({ status }) => status === 'parked');
      const { answers = [] } = steps.find(({ state }) => state === 'parked') ?? {};
      await paste(answers.find(({ starshift }) => starshift.includes(`--${word} `))?.starshift ?? '');
      const result = await e2e.result(id);
      assert.equal(result.tables.staging_events, rows);
      assert.equal(result.quarantinedFiles, reload ? 0 : 1);
      const found = await e2e.sql(CLUSTER, 'select firstname from staging_events order by iteminsession');
      assert.deepEqual(
        found.map(({ firstname }) => firstname),
        firstNames,
      );
    });
  }

  it('refuses an answer to a step that does not wait, and one the run does not have', async () => {
    await load('parked-refuse', 'long');
    await e2e.parkedError('parked-refuse', 'staging_events');
    const early = await update('parked-refuse', 'retryStep', { step: 'songplays' });
    assert.notEqual(early.code, 0);
    assert.match(early.stdout + early.stderr, /songplays/);
    const unknown = await e2e.starshift('retry', 'parked-refuse', 'nonsense');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /Steps that wait for an answer: staging_events/);
    assert.equal((await e2e.starshift('abort', 'parked-refuse')).code, 0);
  });

  it('lists parked runs as parked', async () => {
    await load('parked-list', 'long');
    await e2e.parkedError('parked-list', 'staging_events');
    const deadline = Date.now() + 20_000;
    let listed = '';
    // The server's list follows its runs by a moment.
    const parked =
      /^WORKFLOW ID.*\nparked-list +loadWarehouse +parked .* for an answer to staging_events for .*, until 20.* UTC\n/;
    while (!parked.test(listed) && Date.now() < deadline) listed = (await e2e.starshift('status')).stdout;
    assert.match(listed, parked);
    assert.equal((await e2e.starshift('abort', 'parked-list')).code, 0);
  });
});
