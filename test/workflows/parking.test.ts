import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, CopyBatchRequest, ListSourceRequest } from '../../src/activities/activities.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { passedCheck } from './fake-activities.js';
import { Gate, LOAD, TARGET, type TestRun, TestRuns } from './test-runs.js';

const REJECTED =
  'COPY into staging_events rejected log_data/2018/11/2018-11-12-events.json line 7, column "ts": "abc" is not a BIGINT.';

describe('A failed step', () => {
  let runs: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    runs = await TestRuns.begin();
  });
  beforeEach(() => runs.activities.reset());
  after(() => runs?.end());

  /** COPY of the events fails until the test says otherwise. */
  function breakEvents(): { mended: boolean } {
    const state = { mended: false };
    runs.activities.reset({
      copyBatch: async ({ step, listing }) => {
        if (step === 'staging_events' && !state.mended)
          throw ApplicationFailure.nonRetryable(REJECTED, 'CopyRejectedRows');
        return { rows: 10, files: listing.files, sizeBytes: 1, rejectedRows: 2, rejects: [], alreadyDone: false };
      },
    });
    return state;
  }

  async function parkEvents(input: object = {}): Promise<{ run: TestRun; state: { mended: boolean } }> {
    const state = breakEvents();
    const run = await runs.start('loadWarehouse', { ...LOAD, ...input });
    await run.until('staging_events', 'parked');
    return { run, state };
  }

  async function refusal(run: TestRun, update: string, argument: unknown): Promise<string> {
    const error = await run.handle.executeUpdate(update, { args: [argument] }).then(
      () => assert.fail(`${update} was accepted`),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    assert.ok(error.cause instanceof ApplicationFailure, String(error.cause));
    assert.equal(error.cause.type, 'InvalidDecision');
    return error.cause.message;
  }

  it('parks with the error in progress and details, while the other branches go on', async () => {
    const { run } = await parkEvents();
    await run.until('songs', 'done');
    const { status, steps } = await run.progress();
    assert.equal(status, 'parked');
    const events = steps.find(({ id }) => id === 'staging_events');
    assert.equal(events?.error?.type, 'CopyRejectedRows');
    assert.equal(events?.error?.message, REJECTED);
    assert.equal((await run.step('songplays')).state, 'waiting');
    const details = await run.details();
    assert.ok(details.includes(REJECTED));
    assert.ok(details.includes(`npx starshift retry ${run.handle.workflowId} staging_events`), details);
    assert.ok(
      details.includes(
        `temporal workflow update execute --workflow-id ${run.handle.workflowId} --name retryStep --input '{"step":"staging_events"}'`,
      ),
    );
    await run.handle.cancel();
  });

  it('runs again with retryStep, and what waits for it goes on', async () => {
    const { run, state } = await parkEvents();
    state.mended = true;
    assert.equal(
      await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] }),
      'staging_events runs again.',
    );
    const result = await run.result();
    assert.equal(result.status, 'completed');
    const events = result.steps.find((step) => step.id === 'staging_events');
    assert.deepEqual([events?.state, events?.tries, events?.rows, events?.error], ['done', 2, 10, undefined]);
    assert.equal(result.rejectedRows, 4);
  });

  /** What the tries of one COPY left out. */
  const excluded = () =>
    runs.activities
      .requests<ListSourceRequest>('listSource')
      .filter(({ step }) => step === 'staging_events')
      .map(({ exclude }) => exclude);

  /** Answers retryStep and waits until the step has failed once more. */
  async function retryInVain(run: TestRun, wish: object): Promise<void> {
    const { tries } = await run.step('staging_events');
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events', ...wish }] });
    for (;;) if ((await run.until('staging_events', 'parked')).tries > tries) return;
  }

  it('is retried with what is asked now: given replaces, absent keeps, [] leaves nothing out', async () => {
    const { run, state } = await parkEvents();
    await retryInVain(run, { maxErrors: 5, exclude: ['log_data/a.json', 'log_data/b.json'] });
    await retryInVain(run, { exclude: ['log_data/c.json', 'log_data/c.json'] });
    await retryInVain(run, {});
    await retryInVain(run, { maxErrors: 0, exclude: [] });
    state.mended = true;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events', exclude: ['log_data/d.json'] }] });
    const result = await run.result();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => `log_data/${name}.json`);
    assert.deepEqual(excluded(), [[], [a, b], [c], [c], [], [d]]);
    assert.deepEqual(
      runs.activities
        .requests<CopyBatchRequest>('copyBatch')
        .filter(({ step }) => step === 'staging_events')
        .map(({ maxErrors }) => maxErrors),
      [0, 5, 5, 5, 0, 0],
    );
    assert.equal(result.steps[1]?.note, '1 file left out');
    assert.equal(result.steps[1]?.title, 'COPY staging_events <- s3://music/log_data (29 files)');
  });

  it('forgets an exclude whose files were not found, and keeps the one before it', async () => {
    const { run, state } = await parkEvents();
    runs.activities.overrides.listSource = async ({ exclude }) => {
      if (exclude.includes('log_data/typo.json'))
        throw ApplicationFailure.nonRetryable('Not found: log_data/typo.json', 'FileNotListed');
      return { manifestUrl: 's3://music/.starshift/m', files: 30 - exclude.length, sizeBytes: 1 };
    };
    await retryInVain(run, { exclude: ['log_data/a.json'] });
    await retryInVain(run, { exclude: ['log_data/typo.json'] });
    state.mended = true;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).steps[1]?.note, '1 file left out');
    assert.deepEqual(excluded(), [[], ['log_data/a.json'], ['log_data/typo.json'], ['log_data/a.json']]);
  });

  it('keeps what had failed before a list of which a file was not found', async () => {
    const { run, state } = await parkEvents();
    runs.activities.overrides.listSource = async ({ exclude }) => {
      const missing = exclude.filter((file) => file.startsWith('nonsense'));
      if (missing.length > 0) {
        const details = missing.map((file) => ({ file: `s3://music/${file}` }));
        throw ApplicationFailure.nonRetryable('Not found: nonsense', 'FileNotListed', ...details);
      }
      return { manifestUrl: 's3://music/.starshift/m', files: 30 - exclude.length, sizeBytes: 1 };
    };
    for (const nonsense of ['nonsense', 'nonsense too']) {
      await retryInVain(run, { exclude: [nonsense] });
      const { error, answers } = await run.step('staging_events');
      assert.equal(error?.type, 'FileNotListed');
      assert.equal(error?.message, `Not found: nonsense\nBefore that: CopyRejectedRows: ${REJECTED}`);
      assert.equal(error?.before?.error.message, REJECTED);
      assert.match(answers?.[0]?.does ?? '', /^mend the rows in their files, .*; a retry without the list/);
      assert.match(answers?.[1]?.starshift ?? '', / --max-errors 10$/);
    }
    state.mended = true;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).status, 'completed');
  });

  it('shows the file that COPY could not take in the command that leaves it out', async () => {
    const url = 's3://music/log_data/2018-11-12-events.json';
    runs.activities.reset({
      copyBatch: async () => {
        throw ApplicationFailure.nonRetryable(REJECTED, 'CopyRejectedRows', { file: url, line: 7, reason: 'x' });
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    const parked = await run.until('staging_events', 'parked');
    assert.equal(parked.error?.file, url);
    assert.ok((await run.details()).includes(`"exclude":["${url}"]`));
    await run.handle.cancel();
  });

  it('is skipped with skipStep, and so is everything that needs it', async () => {
    const { run } = await parkEvents();
    await run.handle.executeUpdate('skipStep', { args: [{ step: 'staging_events' }] });
    const result = await run.result();
    assert.equal(result.status, 'completedWithSkips');
    assert.deepEqual(
      result.steps.map(({ id, state, note }) => [id, state, note]),
      [
        ['claim-tables', 'done', undefined],
        ['staging_events', 'skipped', 'skipped by a person after CopyRejectedRows'],
        ['staging_songs', 'done', undefined],
        ['songs', 'done', undefined],
        ['songplays', 'skipped', 'needs staging_events, which a person skipped'],
        ['time', 'skipped', 'needs songplays, which is left out with staging_events'],
        ['count-rows', 'done', '2 tables'],
      ],
    );
    assert.equal((await run.progress()).status, 'completedWithSkips');
    assert.match(await run.details(), /: \*\*completedWithSkips\*\*, 4 of 7 steps done\n/);
    const { searchAttributes } = await run.handle.describe();
    assert.deepEqual(searchAttributes.StarshiftStatus, ['completedWithSkips']);
  });

  it('ends the run with RunAborted on abort, and cancels what still runs', async () => {
    const songs = new Gate();
    breakEvents();
    runs.activities.overrides.transformTable = async () => {
      await songs.pass();
      return { rows: 1, alreadyDone: false };
    };
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('staging_events', 'parked');
    await songs.begun;
    await run.handle.executeUpdate('abort', { args: [{ reason: 'wrong month' }] });
    songs.open();
    const failure = await run.failure();
    assert.equal(failure.type, 'RunAborted');
    const { status, outcome, steps } = await run.progress();
    assert.deepEqual([status, outcome], ['aborted', failure.message]);
    assert.deepEqual(failure.message.split('\n').slice(0, 3), [
      'Aborted: wrong month. Parked: staging_events.',
      `Step staging_events had failed: ${REJECTED}`,
      'Done, and stays as it is: staging_songs, songs.',
    ]);
    assert.equal(steps[1]?.state, 'failed');
    assert.equal(steps[1]?.error?.message, REJECTED);
    assert.equal((await run.step('songplays')).state, 'cancelled');
  });

  it('ends the run with DecisionExpired when nobody answers in time', async () => {
    breakEvents();
    const run = await runs.start('loadWarehouse', { ...LOAD, decisionTimeout: '1 second' });
    const failure = await run.failure();
    assert.equal(failure.type, 'DecisionExpired');
    assert.equal(
      failure.message.split('\n')[0],
      `Nobody answered the parked step staging_events within 1 second. It had failed: ${REJECTED}`,
    );
    assert.equal((await run.progress()).status, 'failed');
  });

  it('ends the run with onFailure "fail" once running steps have finished, and starts no other', async () => {
    const songs = new Gate();
    breakEvents();
    const { copyBatch } = runs.activities.overrides as Pick<Activities, 'copyBatch'>;
    runs.activities.overrides.copyBatch = async (request) => {
      if (request.step === 'staging_songs') await songs.pass();
      return copyBatch(request);
    };
    const run = await runs.start('loadWarehouse', { ...LOAD, onFailure: 'fail' });
    await run.until('staging_events', 'failed');
    assert.equal((await run.step('staging_songs')).state, 'running');
    songs.open();
    const failure = await run.failure();
    assert.equal(failure.type, 'StepFailed');
    assert.deepEqual(failure.message.split('\n').slice(0, 4), [
      `Step staging_events failed: ${REJECTED}`,
      'Done, and stays as it is: staging_songs.',
      'To do without the rejected rows, start the run again with "maxErrors" in the input, how many there may be: they go into quarantine.',
      'When the cause is mended, start the run again, or go on from staging_events:',
    ]);
    assert.deepEqual(await run.states(), {
      'claim-tables': 'done',
      staging_events: 'failed',
      staging_songs: 'done',
      songs: 'cancelled',
      songplays: 'cancelled',
      time: 'cancelled',
      'count-rows': 'cancelled',
    });
  });

  it('parks as well with the last attempt that the policy of its failure allows', async () => {
    let attempts = 0;
    runs.activities.reset({
      countRows: async () => {
        attempts += 1;
        throw ApplicationFailure.create({
          message: 'connection refused',
          type: 'Unreachable',
          nextRetryDelay: '10 ms',
          nonRetryable: attempts === 3,
        });
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    const parked = await run.until('count-rows', 'parked');
    assert.deepEqual([parked.error?.type, parked.error?.message, attempts], ['Unreachable', 'connection refused', 3]);
    await run.handle.cancel();
  });

  it('is a failed check of severity error too: retried after mending, or skipped to accept', async () => {
    let offending = 2;
    runs.activities.reset({
      runCheck: async ({ check }) =>
        check === 'songplays_unique'
          ? { ...passedCheck(check), passed: offending === 0, offending, sample: ['songplay_id=1', 'songplay_id=2'] }
          : passedCheck(check),
    });
    const input = { target: TARGET, warehouse: 'music' };
    const [mended, accepted] = await Promise.all([
      runs.start('checkWarehouse', input),
      runs.start('checkWarehouse', input),
    ]);
    const parked = await mended.until('check:songplays_unique', 'parked');
    assert.equal(parked.error?.type, 'CheckFailed');
    assert.equal(
      parked.error?.message,
      'Check songplays_unique (songplays are unique) found 2 offending rows, for example songplay_id=1 / songplay_id=2.',
    );
    await accepted.until('check:songplays_unique', 'parked');
    await accepted.handle.executeUpdate('skipStep', { args: [{ step: 'check:songplays_unique' }] });
    const acceptedResult = await accepted.result();
    assert.equal(acceptedResult.status, 'completedWithSkips');
    assert.deepEqual(acceptedResult.checks.map(({ id, passed }) => [id, passed]).sort(), [
      ['levels_valid', true],
      ['songplays_unique', false],
    ]);
    offending = 0;
    await mended.handle.executeUpdate('retryStep', { args: [{ step: 'check:songplays_unique' }] });
    assert.equal((await mended.result()).status, 'completed');
  });

  it('is not a failed check of severity warning: that is only reported', async () => {
    runs.activities.reset({
      runCheck: async ({ check }) =>
        check === 'levels_valid'
          ? { ...passedCheck(check), passed: false, offending: 1, sample: ['level=gold'] }
          : passedCheck(check),
    });
    const result = await (await runs.start('checkWarehouse', { target: TARGET, warehouse: 'music' })).result();
    assert.equal(result.status, 'completed');
    assert.deepEqual(
      result.steps.map(({ id, state, note }) => [id, state, note]),
      [
        ['claim-tables', 'done', undefined],
        ['check:songplays_unique', 'done', undefined],
        ['check:levels_valid', 'done', 'warning: 1 offending row, for example level=gold'],
      ],
    );
  });

  it('takes no answer that fits nothing, says why, and goes on waiting', async () => {
    const { run, state } = await parkEvents();
    await run.until('songs', 'done');
    assert.equal(
      await refusal(run, 'retryStep', { step: 'staging_event' }),
      'There is no step "staging_event". Parked: staging_events.',
    );
    assert.equal(
      await refusal(run, 'retryStep', { step: 'songs' }),
      'songs is done, not parked. Parked: staging_events.',
    );
    assert.equal(
      await refusal(run, 'skipStep', { step: 'songplays' }),
      'songplays is waiting, not parked. Parked: staging_events.',
    );
    assert.equal(
      await refusal(run, 'retryStep', { step: 'staging_events', maxErrors: -1, ignore: true }),
      'maxErrors: must be a whole number from 0 to 100000\nignore: is not a known field',
    );
    assert.match(await refusal(run, 'skipStep', {}), /^step: /);
    assert.match(await refusal(run, 'abort', { why: 'x' }), /^why: is not a known field/);
    assert.equal((await run.step('staging_events')).state, 'parked');
    state.mended = true;
    await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_events' }] });
    assert.equal((await run.result()).status, 'completed');
  });

  it('takes maxErrors and exclude for COPY steps only', async () => {
    runs.activities.reset({
      transformTable: async () => {
        throw ApplicationFailure.nonRetryable('syntax error', 'SqlFailed');
      },
    });
    const run = await runs.start('loadWarehouse', LOAD);
    await run.until('songs', 'parked');
    assert.equal(
      await refusal(run, 'retryStep', { step: 'songs', maxErrors: 3 }),
      'songs is not a COPY: maxErrors, exclude and reload mean nothing to it. Retry it without them.',
    );
    await run.handle.cancel();
  });
});
