import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import Long from 'long';
import { openTemporalRuns, type TemporalRuns } from '../../../src/adapters/temporal/temporal-runs.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../support/stack.js';
import { Gate, LOAD, TestRuns } from '../../workflows/test-runs.js';

describe('Temporal, asked whether a run still runs', () => {
  let runs: TestRuns;
  let native: NativeConnection;
  let temporal: TemporalRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
    const { address, namespace } = (await getTestStack({ temporal: true, s3: false, redshift: false })).temporal;
    // A worker has no other connection.
    native = await NativeConnection.connect({ address });
    temporal = openTemporalRuns(new Client({ connection: native, namespace }));
  });
  beforeEach(() => runs.activities.reset());
  after(async () => {
    await native?.close();
    await runs?.end();
  });

  /** A load that stops in its first COPY until the gate is opened. */
  async function startHeld() {
    const gate = new Gate();
    runs.activities.reset({
      copyBatch: async ({ listing }) => {
        await gate.pass();
        return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await gate.begun;
    const { workflowId } = run.handle;
    const { runId } = await run.handle.describe();
    return { gate, run, claimed: { workflowId, runId, ...(await temporal.identity()) } };
  }

  async function reset(claimed: { readonly workflowId: string; readonly runId: string }): Promise<string> {
    const made = await runs.client.workflowService.resetWorkflowExecution({
      namespace: runs.client.options.namespace,
      workflowExecution: { workflowId: claimed.workflowId, runId: claimed.runId },
      workflowTaskFinishEventId: Long.fromNumber(4),
      requestId: randomUUID(),
      reason: 'test',
    });
    return made.runId;
  }

  it('knows its own namespace by the id that the server gave it', async () => {
    const { namespace, namespaceId } = await temporal.identity();
    assert.equal(namespace, 'default');
    assert.match(namespaceId ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it('asks for it once, for all who want to know', async () => {
    const { address, namespace } = (await getTestStack({ temporal: true, s3: false, redshift: false })).temporal;
    const connection = await NativeConnection.connect({ address });
    const asked = openTemporalRuns(new Client({ connection, namespace }));
    const [one, other] = await Promise.all([asked.identity(), asked.identity()]);
    await connection.close();
    assert.deepEqual([other, await asked.identity()], [one, one]);
    await assert.rejects(openTemporalRuns(new Client({ connection, namespace })).identity());
  });

  it('finds a run that is running, and finds it over when it has ended', async () => {
    const { gate, run, claimed } = await startHeld();
    assert.deepEqual(await temporal.find(claimed), { kind: 'running', run: claimed });
    gate.open();
    await run.result();
    assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
  });

  for (const [how, end] of [
    ['terminated', (run: Awaited<ReturnType<typeof startHeld>>['run']) => run.handle.terminate()],
    ['cancelled', (run: Awaited<ReturnType<typeof startHeld>>['run']) => run.handle.cancel()],
  ] as const) {
    it(`finds a run over that was ${how}`, async () => {
      const { gate, run, claimed } = await startHeld();
      await end(run);
      gate.open();
      await assert.rejects(run.result());
      assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
    });
  }

  it('takes the run that a reset has made of another for its continuation, once and again', async () => {
    const { gate, claimed } = await startHeld();
    const second = await reset(claimed);
    assert.deepEqual(await temporal.find(claimed), { kind: 'running', run: { ...claimed, runId: second } });
    const third = await reset({ ...claimed, runId: second });
    assert.deepEqual(await temporal.find(claimed), { kind: 'running', run: { ...claimed, runId: third } });
    const of = { ...claimed, runId: second };
    assert.deepEqual(await temporal.find(of), { kind: 'running', run: { ...claimed, runId: third } });
    gate.open();
    await runs.client.workflow.getHandle(claimed.workflowId).result();
    assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
  });

  it('takes a run that was started later under the same workflow id for another one', async () => {
    const { gate, run, claimed } = await startHeld();
    gate.open();
    await run.result();
    const next = new Gate();
    runs.activities.reset({ planWarehouse: () => next.pass() as never });
    const { workflowId } = claimed;
    const handle = await runs.client.workflow.start('loadWarehouse', {
      ...{ workflowId, taskQueue: runs.taskQueue, args: [LOAD] },
    });
    await next.begun;
    assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
    await handle.terminate();
    next.open();
  });

  it('takes a run that the server does not know for over', async () => {
    const claimed = { workflowId: randomUUID(), runId: randomUUID(), ...(await temporal.identity()) };
    assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
  });

  it('says that it does not know of runs of another server, though its namespace has the same name', async () => {
    const claimed = { workflowId: 'load', runId: randomUUID(), namespace: 'default', namespaceId: randomUUID() };
    assert.deepEqual(await temporal.find(claimed), { kind: 'unknown' });
  });

  it('looks into another namespace of its own server', async () => {
    const namespace = `other-${randomUUID()}`;
    await runs.client.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: Long.fromNumber(86_400) },
    });
    const { namespaceInfo } = await runs.client.workflowService.describeNamespace({ namespace });
    const claimed = { workflowId: 'load', runId: randomUUID(), namespace, namespaceId: namespaceInfo?.id ?? '' };
    assert.deepEqual(await temporal.find(claimed), { kind: 'over' });
    assert.deepEqual(await temporal.find({ ...claimed, namespaceId: randomUUID() }), { kind: 'unknown' });
  });
});
