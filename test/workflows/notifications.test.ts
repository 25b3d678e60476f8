import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import type { Notification } from '../../src/domain/notification.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, type TestRun, TestRuns } from './test-runs.js';

const REJECTED =
  'COPY into staging_events rejected s3://music/log_data/a.json line 7, column "ts": "abc".\nFix the file.';
const FILE = 's3://music/log_data/a.json';

describe('Notifications', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => {
    runs.activities.reset({
      copyBatch: async ({ step, listing }) => {
        if (step === 'staging_events') {
          throw ApplicationFailure.nonRetryable(
            REJECTED,
            'CopyRejectedRows',
            { file: FILE, line: 7 },
            { rejectedRows: 1 },
          );
        }
        return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
      },
    });
  });
  after(() => runs?.end());

  const sent = () => runs.activities.requests<Notification>('notify');
  const events = () => sent().map(({ event, step }) => [event, ...(step === undefined ? [] : [step.id])].join(' '));
  const park = async (input: object = {}): Promise<TestRun> => {
    const run = await runs.start('loadWarehouse', { ...LOAD, ...input });
    await run.until('staging_events', 'parked');
    return run;
  };
  const told = async (count: number) => {
    const deadline = Date.now() + 20_000;
    while (sent().length < count) {
      assert.ok(Date.now() < deadline, events().join());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('tell a parked step in the words and commands that stand in progress', async () => {
    const run = await park();
    await told(1);
    const [notification] = sent();
    const step = await run.step('staging_events');
    assert.equal(notification?.event, 'parked');
    assert.deepEqual(notification?.error, step.error);
    assert.equal(notification?.error?.message, REJECTED);
    assert.deepEqual(notification?.answers, step.answers);
    assert.equal(notification?.decideBy, step.decideBy);
    assert.equal(notification?.id, `${notification?.runId}/1`);
    assert.equal(notification?.status, 'parked');
    await run.handle.cancel();
    await run.handle.result().catch(() => undefined);
    assert.deepEqual(events(), ['parked staging_events', 'cancelled']);
  });

  it('tell how a run that had waited has ended', async () => {
    const run = await park();
    await run.handle.executeUpdate('skipStep', { args: [{ step: 'staging_events' }] });
    const result = await run.result();
    assert.deepEqual(events(), ['parked staging_events', 'completedWithSkips']);
    assert.deepEqual(sent()[1]?.skipped, result.skipped);
    assert.equal(result.skipped?.length, 3);
  });

  it('say nothing of a run that goes by itself', async () => {
    runs.activities.reset();
    await (await runs.start('loadWarehouse', LOAD)).result();
    assert.deepEqual(events(), []);
  });

  it('tell every failure, parked before or not, with the step that ended the run', async () => {
    const run = await runs.start('loadWarehouse', { ...LOAD, onFailure: 'fail' });
    const { message } = await run.failure();
    assert.deepEqual(events(), ['failed staging_events']);
    assert.equal(sent()[0]?.outcome, message);
    assert.equal(sent()[0]?.error?.message, REJECTED);
  });

  it('warn once before the time is up, and tell when it was', async () => {
    const run = await runs.start('loadWarehouse', { ...LOAD, decisionTimeout: '2 seconds' });
    assert.equal((await run.failure()).type, 'DecisionExpired');
    assert.deepEqual(events(), ['parked staging_events', 'expiring staging_events', 'expired staging_events']);
    assert.equal(new Set(sent().map(({ id }) => id)).size, 3);
  });

  it('that cannot be sent are noted, and neither fail the run nor keep it from taking the answer', async () => {
    runs.activities.overrides.notify = async () => {
      throw ApplicationFailure.nonRetryable('The webhook at https://h.example answered 401.', 'NotificationRefused');
    };
    const run = await park();
    await run.handle.executeUpdate('skipStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).status, 'completedWithSkips');
    const { notices } = await run.progress();
    assert.deepEqual(notices, [
      'The notification "parked staging_events" could not be sent: The webhook at https://h.example answered 401.',
      'The notification "completedWithSkips" could not be sent: The webhook at https://h.example answered 401.',
    ]);
    assert.match(await run.details(), /⚠️ `The notification "parked staging_events" could not be sent/);
  });
});
