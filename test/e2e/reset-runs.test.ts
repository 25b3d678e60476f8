import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import type { RunResult } from '../../src/domain/progress.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { type Finished, startProgram } from './support/run-program.js';
import { event, writeData } from './support/sparkify-data.js';
import { warehouseRows } from './support/warehouse-rows.js';

const CLUSTER = 'e2e-reset';
const BUCKET = 'e2e-reset';
const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };
const LOGS = {
  'a.json': event() + event({ itemInSession: 1, ts: 1541440182797 }),
  'b.json': event({ itemInSession: 2, ts: 1541440182798, userId: '27', firstName: 'Bo' }),
};
const BROKEN = { ...LOGS, 'b.json': `${event()}{"ts": 1,,}\n` };

describe('resetting and running again', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;
  let loaded: Awaited<ReturnType<typeof warehouseRows>>;

  before(async () => {
    e2e = await E2eStack.start();
    await upload('good', LOGS);
    await start('reset-cluster', 'provisionWarehouse', {
      source: { url: `s3://${BUCKET}/` },
      cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
    });
    await e2e.result('reset-cluster');
    await start('reset-tables', 'createTables', { warehouse: 'sparkify', target: TARGET });
    await e2e.result('reset-tables');
    await load('reset-first', 'good');
    await e2e.result('reset-first');
    loaded = await warehouseRows(e2e, CLUSTER);
    assert.equal(loaded.songplays?.length, 3);
  });
  after(() => e2e?.stop());

  async function upload(name: string, logs: Readonly<Record<string, string>>): Promise<void> {
    await e2e.upload(await writeData({ folder: join(e2e.folder, name), logs }), BUCKET, `${name}/`);
  }

  function start(workflowId: string, type: string, input: object): Promise<void> {
    return e2e.startRun({ workflowId, type, input });
  }

  function load(workflowId: string, data: string, change: object = {}): Promise<void> {
    const source = { url: `s3://${BUCKET}/${data}/` };
    return start(workflowId, 'loadWarehouse', { warehouse: 'sparkify', target: TARGET, source, ...change });
  }

  /** As a person pastes it. */
  function shell(command: string): Promise<Finished> {
    const PATH = `${dirname(e2e.stack.temporal.binary)}:${e2e.environment.PATH}`;
    return startProgram({ command: 'sh', args: ['-c', command], environment: { ...e2e.environment, PATH } }).finished;
  }

  async function reset(workflowId: string, ...point: readonly string[]): Promise<void> {
    const done = await e2e.temporal('workflow', 'reset', '--workflow-id', workflowId, '--reason', 'test', ...point);
    assert.equal(done.code, 0, done.stderr);
  }

  async function runId(workflowId: string): Promise<string> {
    return (await e2e.client.workflow.getHandle(workflowId).describe()).runId;
  }

  /** What a run that failed says at its end. */
  async function failureText(workflowId: string): Promise<string> {
    const error = await e2e.client.workflow
      .getHandle(workflowId)
      .result()
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof WorkflowFailedError, String(error));
    return error.cause?.message ?? '';
  }

  /** The command in it that goes on from the failed step. */
  async function resetCommand(workflowId: string): Promise<string> {
    const text = await failureText(workflowId);
    const command = text.split('\n').find((line) => line.startsWith('temporal workflow reset'));
    assert.ok(command, text);
    return command;
  }

  /** Activities that the newest run has scheduled itself; what comes before stands in the history it was given. */
  async function scheduledSinceReset(workflowId: string): Promise<readonly string[]> {
    const { events } = await e2e.client.workflow.getHandle(workflowId).fetchHistory();
    const boundary = (events ?? []).findIndex(
      ({ workflowTaskFailedEventAttributes: failed }) => failed?.newRunId !== undefined && failed?.newRunId !== '',
    );
    assert.ok(boundary > 0, 'the history knows no reset');
    return (events ?? [])
      .slice(boundary)
      .flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? []);
  }

  async function middle(workflowId: string, activity: string): Promise<string> {
    const { events } = await e2e.client.workflow.getHandle(workflowId).fetchHistory();
    const attributes = events?.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === activity,
    )?.activityTaskScheduledEventAttributes;
    return String(attributes?.workflowTaskCompletedEventId);
  }

  function states({ steps }: RunResult): readonly string[] {
    return [...new Set(steps.map(({ state }) => state))];
  }

  for (const mode of ['full', 'incremental']) {
    const points: Readonly<Record<string, (id: string) => Promise<readonly string[]>>> = {
      'its first task': async () => ['--type', 'FirstWorkflowTask'],
      'its last task': async () => ['--type', 'LastWorkflowTask'],
      'its first COPY': async (id) => ['--event-id', await middle(id, 'copyBatch')],
      'its first INSERT': async (id) => ['--event-id', await middle(id, 'transformTable')],
    };
    for (const [name, point] of Object.entries(points)) {
      it(`a finished ${mode} load that is reset to ${name} leaves the same warehouse`, async () => {
        const id = `${mode}-${name.replaceAll(' ', '-')}`;
        await load(id, 'good', { mode });
        await e2e.result(id);
        const before = await runId(id);
        await reset(id, ...(await point(id)));
        const result = await e2e.result(id);
        assert.deepEqual(states(result), ['done']);
        assert.notEqual(await runId(id), before);
        assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
      });
    }

    it(`${mode === 'full' ? 'a full' : 'an incremental'} load whose parked step was answered can be reset to its first task: it parks no more`, async () => {
      const id = `${mode}-answered`;
      await upload(id, BROKEN);
      await load(id, id, { mode });
      await e2e.parkedError(id, 'staging_events');
      await upload(id, LOGS);
      await e2e.starshift('retry', id, 'staging_events');
      await e2e.result(id);
      const rows = await warehouseRows(e2e, CLUSTER);
      await reset(id, '--type', 'FirstWorkflowTask');
      assert.deepEqual(states(await e2e.result(id)), ['done']);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), rows);
      await load(`${id}-after`, 'good');
      await e2e.result(`${id}-after`);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    });

    it(`${mode === 'full' ? 'a full' : 'an incremental'} load that is reset while its COPY works loads nothing twice`, async () => {
      const id = `${mode}-while-running`;
      await upload(id, { 'c.json': event({ itemInSession: 3, ts: 1541440182799 }) });
      await load(`${id}-undisturbed`, id, { mode });
      await e2e.result(`${id}-undisturbed`);
      const undisturbed = await warehouseRows(e2e, CLUSTER);
      await load(`${id}-before`, 'good');
      await e2e.result(`${id}-before`);
      const release = await hold('public.staging_events');
      try {
        await load(id, id, { mode });
        await e2e.until(id, 'the COPY begun', ({ steps }) =>
          steps.some(({ title, state }) => /^COPY staging_events .*\(1 file\)$/.test(title) && state === 'running'),
        );
        const before = await runId(id);
        await reset(id, '--event-id', await middle(id, 'listSource'));
        assert.notEqual(await runId(id), before);
      } finally {
        await release();
      }
      await e2e.result(id);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), undisturbed);
      await load(`${id}-after`, 'good');
      await e2e.result(`${id}-after`);
    });
  }

  /** Keeps whoever wants to write to the table in the middle of a transaction until it is released. */
  async function hold(table: string): Promise<() => Promise<void>> {
    const client = await e2e.connect(CLUSTER);
    await client.query('begin');
    await client.query(`lock table ${table}`);
    return async () => {
      await client.query('commit');
      await client.end();
    };
  }

  it('a failed run goes on from the step that failed with the command that its failure gives', async () => {
    await upload('failed', BROKEN);
    await load('reset-failed', 'failed', { onFailure: 'fail' });
    const command = await resetCommand('reset-failed');
    await upload('failed', LOGS);
    const done = await shell(command);
    assert.equal(done.code, 0, done.stderr);
    const result = await e2e.result('reset-failed');
    assert.deepEqual(states(result), ['done']);
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('a run that failed late repeats nothing that was committed before', async () => {
    await e2e.sql(CLUSTER, 'alter table public.songplays rename column location to place');
    await load('reset-late', 'good', { onFailure: 'fail' });
    const command = await resetCommand('reset-late');
    await e2e.sql(CLUSTER, 'alter table public.songplays rename column place to location');
    const done = await shell(command);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(states(await e2e.result('reset-late')), ['done']);
    const scheduled = await scheduledSinceReset('reset-late');
    assert.ok(!scheduled.includes('copyBatch') && !scheduled.includes('listSource'), scheduled.join(', '));
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('a run that was aborted while it was parked goes on from the parked step', async () => {
    await upload('aborted', BROKEN);
    await load('reset-aborted', 'aborted');
    await e2e.parkedError('reset-aborted', 'staging_events');
    await e2e.starshift('abort', 'reset-aborted');
    const command = await resetCommand('reset-aborted');
    await upload('aborted', LOGS);
    const done = await shell(command);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(states(await e2e.result('reset-aborted')), ['done']);
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('a run whose parked step nobody answered goes on from it', async () => {
    await upload('expired', BROKEN);
    await load('reset-expired', 'expired', { decisionTimeout: '1 second' });
    const command = await resetCommand('reset-expired');
    await upload('expired', LOGS);
    const done = await shell(command);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(states(await e2e.result('reset-expired')), ['done']);
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('a run that is reset after its claim waits for whoever has the tables now', async () => {
    await load('reset-late-claim', 'good');
    await e2e.result('reset-late-claim');
    await upload('other', BROKEN);
    await load('reset-other', 'other');
    await e2e.parkedError('reset-other', 'staging_events');
    await reset('reset-late-claim', '--event-id', await middle('reset-late-claim', 'countRows'));
    await e2e.until('reset-late-claim', 'a wait', ({ steps }) =>
      steps.some(({ note }) => /^waits since .* for run reset-other$/.test(note ?? '')),
    );
    await e2e.starshift('abort', 'reset-other');
    await e2e.result('reset-late-claim');
    await load('reset-other-after', 'good');
    await e2e.result('reset-other-after');
    assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
  });

  it('a workflow id can be started again when its run has completed; nothing is there twice', async () => {
    for (const mode of ['full', 'incremental']) {
      await load('reset-again', 'good', { mode });
      assert.deepEqual(states(await e2e.result('reset-again')), ['done']);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    }
  });

  describe('a workflow id that is started again while its run is going on', () => {
    const input = (data: string) =>
      JSON.stringify({ warehouse: 'sparkify', target: TARGET, source: { url: `s3://${BUCKET}/${data}/` } });
    const startAgain = (workflowId: string, ...policy: readonly string[]) =>
      e2e.temporal(
        ...['workflow', 'start', '--task-queue', 'starshift', '--type', 'loadWarehouse', '--workflow-id', workflowId],
        ...['--input', input('good'), ...policy],
      );

    async function parked(workflowId: string): Promise<string> {
      await upload('parked', BROKEN);
      await load(workflowId, 'parked');
      await e2e.parkedError(workflowId, 'staging_events');
      return runId(workflowId);
    }

    it('is refused with --fail-existing, and by starshift run, which says what to do', async () => {
      const first = await parked('same-refused');
      const again = await startAgain('same-refused', '--fail-existing');
      assert.equal(again.code, 1);
      assert.match(again.stderr, /already running/);
      const mine = await e2e.starshift(
        ...['run', 'loadWarehouse', '--workflow-id', 'same-refused', '--input', input('good')],
      );
      assert.equal(mine.code, 1);
      assert.match(mine.stderr, /^A run with the id same-refused is already going on\./m);
      assert.match(mine.stderr, /npx starshift status same-refused/);
      assert.match(mine.stderr, /temporal workflow describe .*--workflow-id same-refused/);
      assert.equal(await runId('same-refused'), first);
      await e2e.starshift('abort', 'same-refused');
    });

    it('starts nothing without: the Temporal CLI names the run that is going on', async () => {
      const first = await parked('same-joined');
      for (const policy of [[], ['--id-conflict-policy', 'UseExisting'], ['--id-conflict-policy', 'Fail']]) {
        const again = await startAgain('same-joined', ...policy);
        assert.equal(again.code, 0, again.stderr);
        assert.ok(again.stdout.includes(first), again.stdout);
        assert.equal(await runId('same-joined'), first);
      }
      await e2e.starshift('abort', 'same-joined');
    });

    it('is replaced with TerminateExisting, and the new run gets the tables at once', async () => {
      const first = await parked('same-replaced');
      const again = await startAgain('same-replaced', '--id-conflict-policy', 'TerminateExisting');
      assert.equal(again.code, 0, again.stderr);
      assert.notEqual(await runId('same-replaced'), first);
      assert.deepEqual(states(await e2e.result('same-replaced')), ['done']);
      assert.deepEqual(await warehouseRows(e2e, CLUSTER), loaded);
    });

    it('is refused after it has completed with RejectDuplicate and --fail-existing', async () => {
      await load('same-once', 'good');
      await e2e.result('same-once');
      const again = await startAgain('same-once', '--id-reuse-policy', 'RejectDuplicate', '--fail-existing');
      assert.equal(again.code, 1);
      assert.match(again.stderr, /already finished/);
    });
  });
});
