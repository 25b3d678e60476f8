import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startWorkerProcess } from '../../src/cli/worker-process.js';
import type { RunProgress, RunResult } from '../../src/domain/progress.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { event, writeData } from './support/sparkify-data.js';
import { warehouseRows } from './support/warehouse-rows.js';

const CLUSTER = 'e2e-concurrent';
const BUCKET = 'e2e-concurrent';
const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };
const SCOPE = { warehouse: 'sparkify', target: TARGET };
const LOGS = {
  'a.json': event() + event({ itemInSession: 1, ts: 1541440182797 }),
  'b.json': event({ itemInSession: 2, ts: 1541440182798, userId: '27', firstName: 'Bo' }),
};
const BROKEN = { 'a.json': `${event()}{"ts": 1,,}\n` };

const LOAD = { type: 'loadWarehouse', input: { ...SCOPE, source: { url: `s3://${BUCKET}/good/` } } };
const LOAD_BROKEN = { type: 'loadWarehouse', input: { ...SCOPE, source: { url: `s3://${BUCKET}/broken/` } } };
const BUILD = { ...LOAD, type: 'buildWarehouse' };
const CHECK = { type: 'checkWarehouse', input: SCOPE };
const CREATE = { type: 'createTables', input: { ...SCOPE, recreate: true } };

describe('runs on the same tables', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;
  let loaded: Awaited<ReturnType<typeof warehouseRows>>;

  before(async () => {
    e2e = await E2eStack.start();
    for (const [name, logs] of Object.entries({ good: LOGS, broken: BROKEN })) {
      await e2e.upload(await writeData({ folder: join(e2e.folder, name), logs }), BUCKET, `${name}/`);
    }
    await complete('concurrent-cluster', {
      type: 'provisionWarehouse',
      input: {
        source: { url: `s3://${BUCKET}/` },
        cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
      },
    });
    await complete('concurrent-tables', CREATE);
    await complete('concurrent-first', LOAD);
    loaded = await warehouseRows(e2e, CLUSTER);
    assert.equal(loaded.songplays?.length, 3);
  });
  after(() => e2e?.stop());

  interface RunToStart {
    readonly type: string;
    readonly input: object;
  }

  async function complete(workflowId: string, run: RunToStart): Promise<RunResult> {
    await e2e.startRun({ workflowId, ...run });
    return e2e.result(workflowId);
  }

  /** When a run had the tables, in milliseconds since the epoch. */
  function tenure({ steps }: RunResult): readonly [from: number, to: number] {
    const claimed = steps.find(({ id }) => id === 'claim-tables')?.finishedAt ?? '';
    const last = steps.flatMap(({ finishedAt }) => (finishedAt === undefined ? [] : [Date.parse(finishedAt)]));
    return [Date.parse(claimed), Math.max(...last)];
  }

  /** Starts runs together; they must all complete, and none while another one has the tables. */
  async function together(name: string, runs: readonly RunToStart[]): Promise<readonly RunResult[]> {
    const ids = runs.map((_, index) => `${name}-${index + 1}`);
    await Promise.all(runs.map((run, index) => e2e.startRun({ workflowId: ids[index] ?? '', ...run })));
    const results = await Promise.all(ids.map((id) => e2e.result(id)));
    const tenures = results.map(tenure).toSorted(([a], [b]) => a - b);
    for (const [index, [from]] of tenures.entries()) {
      const before = tenures[index - 1]?.[1] ?? 0;
      assert.ok(from >= before, `${name}: ${JSON.stringify(results, null, 1)}`);
    }
    assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(['completed']));
    return results;
  }

  for (const [name, runs] of Object.entries({
    'two loads': [LOAD, LOAD],
    'a load and a build': [LOAD, BUILD],
    'a load and a check': [LOAD, CHECK],
    'three loads': [LOAD, LOAD, LOAD],
    'two builds and a load': [BUILD, BUILD, LOAD],
    'two loads and a check': [LOAD, CHECK, LOAD],
  })) {
    it(`follow one another when they are started together, ${name}: every row is there once`, async () => {
      const results = await together(name.replaceAll(' ', '-'), runs);
      const waited = results.filter(({ steps }) => /waited for run/.test(steps[0]?.note ?? ''));
      assert.ok(waited.length >= 1, JSON.stringify(results.map(({ steps }) => steps[0])));
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    });
  }

  it('get ids of their own from starshift run, and follow one another', async () => {
    const run = () => e2e.starshift('run', 'loadWarehouse', '--json', '--input', JSON.stringify(LOAD.input));
    const done = await Promise.all([run(), run(), run()]);
    const results = done.map(({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as RunResult;
    });
    assert.equal(new Set(results.map(({ workflowId }) => workflowId)).size, 3);
    assert.match(
      done.map(({ stderr }) => stderr).join(''),
      /: waits since .* UTC for run loadWarehouse-sparkify-\d{8}-\d{6}/,
    );
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('follow one another when one drops and creates the tables: what it dropped is gone as a whole, or loaded as a whole', async () => {
    await together('recreate-and-load', [LOAD, CREATE, LOAD]);
    const rows = await warehouseRows(e2e, CLUSTER);
    if (rows.staging_events?.length !== 0) assert.deepEqual(rows, loaded);
    await complete('after-recreate', LOAD);
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  /** A load that is parked, so that it has the tables until it is ended, and one that waits for it. */
  async function parkAndWait(name: string, change: object = {}): Promise<{ first: string; second: string }> {
    const first = `${name}-first`;
    const second = `${name}-second`;
    await e2e.startRun({ workflowId: first, type: LOAD_BROKEN.type, input: { ...LOAD_BROKEN.input, ...change } });
    await e2e.parkedError(first, 'staging_events');
    await e2e.startRun({ workflowId: second, ...LOAD });
    return { first, second };
  }

  function note(progress: RunProgress): string {
    return progress.steps.find(({ id }) => id === 'claim-tables')?.note ?? '';
  }

  const waits = (workflowId: string) => e2e.until(workflowId, 'a wait', (progress) => note(progress) !== '');

  it('say for whom they wait, everywhere, and their history does not grow while they do', async () => {
    const { first, second } = await parkAndWait('visible');
    const text = note(await waits(second));
    assert.match(text, /^waits since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC for run visible-first$/);
    const handle = e2e.client.workflow.getHandle(second);
    const { historyLength } = await handle.describe();
    const status = await e2e.starshift('status', second);
    assert.ok(status.stdout.includes(text), status.stdout);
    const list = await e2e.starshift('status');
    assert.match(list.stdout, /^visible-second +loadWarehouse +running +\S+ \S+ +since .* UTC for run visible-first$/m);
    const metadata = await handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
    assert.ok(metadata.currentDetails?.includes(text), metadata.currentDetails);
    const { raw } = await handle.describe();
    assert.equal(raw.pendingActivities?.[0]?.activityType?.name, 'waitForRun');
    assert.equal((await handle.describe()).historyLength, historyLength);
    const aborted = await e2e.starshift('abort', first);
    assert.equal(aborted.code, 0, aborted.stderr);
    const result = await e2e.result(second);
    assert.equal(result.steps[0]?.note, 'waited for run visible-first');
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  const ends: Readonly<Record<string, (workflowId: string) => Promise<unknown>>> = {
    terminated: (id) => e2e.temporal('workflow', 'terminate', '--workflow-id', id),
    cancelled: (id) => e2e.temporal('workflow', 'cancel', '--workflow-id', id),
    answered: (id) => e2e.starshift('skip', id, 'staging_events'),
  };
  for (const [how, end] of Object.entries(ends)) {
    it(`go on when the run before them is ${how}`, async () => {
      const { first, second } = await parkAndWait(how);
      await waits(second);
      await end(first);
      await e2e.result(second);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    });
  }

  it('go on when nobody answers the run before them', async () => {
    const { second } = await parkAndWait('expired', { decisionTimeout: '3 seconds' });
    await e2e.result(second);
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('go on when the run before them was terminated and could not say so, without having waited', async () => {
    await e2e.startRun({ workflowId: 'gone', ...LOAD_BROKEN });
    await e2e.parkedError('gone', 'staging_events');
    await e2e.temporal('workflow', 'terminate', '--workflow-id', 'gone');
    const result = await complete('after-gone', LOAD);
    assert.equal(result.steps[0]?.note, undefined);
  });

  it('go on with a wait that lost its worker', async () => {
    const taskQueue = 'concurrent-kill';
    const start = () =>
      startWorkerProcess({
        environment: { ...e2e.environment, STARSHIFT_TASK_QUEUE: taskQueue },
        ...{ client: e2e.client, taskQueue, logFile: join(e2e.folder, 'killed-worker.log') },
      });
    const killed = await start();
    await e2e.startRun({ workflowId: 'kill-first', ...LOAD_BROKEN });
    await e2e.parkedError('kill-first', 'staging_events');
    await e2e.client.workflow.start('loadWarehouse', { workflowId: 'kill-second', taskQueue, args: [LOAD.input] });
    await waits('kill-second');
    process.kill(killed.identity.pid, 'SIGKILL');
    await e2e.starshift('abort', 'kill-first');
    await killed.stop();
    const restarted = await start();
    try {
      assert.equal((await e2e.result('kill-second')).status, 'completed');
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    } finally {
      await restarted.stop();
    }
  });

  it('end at once instead of waiting when they say whenBusy "fail", with commands that work', async () => {
    await e2e.startRun({ workflowId: 'busy-first', ...LOAD_BROKEN });
    await e2e.parkedError('busy-first', 'staging_events');
    const input = JSON.stringify({ ...LOAD.input, whenBusy: 'fail' });
    const busy = await e2e.starshift('run', 'loadWarehouse', '--workflow-id', 'busy-second', '--input', input);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /WarehouseBusy: Workflow busy-first \(run [0-9a-f-]+\) works on the tables of sparkify/);
    assert.match(busy.stderr, /^ {2}npx starshift status busy-first$/m);
    const look = await e2e.temporal('workflow', 'describe', '--workflow-id', 'busy-first');
    assert.equal(look.code, 0, look.stderr);
    await e2e.starshift('abort', 'busy-first');
  });

  it('go on beside another run when a person skips the claim', async () => {
    const { first, second } = await parkAndWait('beside');
    await waits(second);
    const skipped = await e2e.starshift('skip', second, 'claim-tables');
    assert.equal(skipped.code, 0, skipped.stderr);
    const result = await e2e.result(second);
    assert.equal(result.status, 'completedWithSkips');
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    await e2e.starshift('abort', first);
  });

  it('of other schemas do not wait', async () => {
    await e2e.startRun({ workflowId: 'schema-first', ...LOAD_BROKEN });
    await e2e.parkedError('schema-first', 'staging_events');
    const scope = { ...SCOPE, schema: 'elsewhere' };
    await complete('schema-tables', { type: 'createTables', input: scope });
    await complete('schema-load', { type: 'loadWarehouse', input: { ...LOAD.input, schema: 'elsewhere' } });
    assert.deepEqual(await warehouseRows(e2e, CLUSTER, 'elsewhere'), loaded);
    await e2e.starshift('abort', 'schema-first');
  });

  it('leave a claim that shows who has the tables, and none when they are over', async () => {
    const { second } = await parkAndWait('ledger');
    await waits(second);
    const [row] = await e2e.sql(CLUSTER, "select * from starshift.claims where table_schema = 'public'");
    assert.deepEqual([row?.workflow_id, row?.namespace], ['ledger-first', 'default']);
    await e2e.starshift('abort', 'ledger-first');
    await e2e.result(second);
    assert.deepEqual(await e2e.sql(CLUSTER, "select * from starshift.claims where table_schema = 'public'"), []);
  });
});
