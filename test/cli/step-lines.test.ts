import assert from 'node:assert/strict';
import pc from 'picocolors';
import { drawSteps, plainStep } from '../../src/cli/step-lines.js';
import { describeRetry } from '../../src/cli/step-retries.js';
import type { RunProgress, StepProgress } from '../../src/domain/progress.js';

const COLORS = pc.createColors(false);
const NOW = Date.parse('2026-01-02T03:04:10Z');

const step = (change: Partial<StepProgress>): StepProgress => ({
  id: 'staging_events',
  kind: 'stage',
  title: 'COPY staging_events <- s3://music/log_data/ (30 files)',
  state: 'waiting',
  needs: [],
  tries: 0,
  ...change,
});

const progress = (steps: readonly StepProgress[]): RunProgress => ({
  workflow: 'loadWarehouse',
  workflowId: 'load-1',
  warehouse: 'sparkify',
  cluster: 'music',
  status: 'running',
  startedAt: '2026-01-02T03:04:05Z',
  steps,
});

describe('plainStep', () => {
  it('tells rows and time of a step that is done', () => {
    assert.equal(
      plainStep(step({ state: 'done', tries: 1, rows: 8056, durationMs: 2140 }), NOW),
      'done      COPY staging_events <- s3://music/log_data/ (30 files)  8,056 rows, 2.1 s',
    );
  });

  it('counts the time of a running step up to now, and the tries', () => {
    assert.equal(
      plainStep(step({ state: 'running', tries: 2, startedAt: '2026-01-02T03:04:05Z' }), NOW),
      'running   COPY staging_events <- s3://music/log_data/ (30 files) (try 2)  5.0 s',
    );
  });

  it('tells rejected rows', () => {
    const line = plainStep(step({ state: 'done', tries: 1, rows: 10, rejectedRows: 1, durationMs: 100 }), NOW);
    assert.equal(
      line,
      'done      COPY staging_events <- s3://music/log_data/ (30 files) (1 row rejected)  10 rows, 0.1 s',
    );
  });
});

describe('a step that waits for a lock', () => {
  const retry = { step: 'staging_events', attempt: 1, maximumAttempts: 20, nextAt: undefined, failure: '' };
  const bob = { pid: 123, user: 'bob', since: '2026-01-02T03:00:10Z' };

  it('says who holds it, and since when', () => {
    assert.equal(
      describeRetry({ ...retry, waitsForLockOf: [bob] }, NOW),
      'waits for a lock held by pid 123 (user bob) since 4 min 00 s',
    );
    assert.equal(
      describeRetry({ ...retry, attempt: 2, failure: 'Locking songs was given up', waitsForLockOf: [bob] }, NOW),
      'attempt 2 of 20, running: waits for a lock held by pid 123 (user bob) since 4 min 00 s',
    );
  });

  it('says that it waits when the holder is not to be seen', () => {
    assert.equal(describeRetry({ ...retry, waitsForLockOf: [] }, NOW), 'waits for a lock');
  });
});

describe('a step of an incremental load', () => {
  const inserted = step({ id: 'users', kind: 'transform', title: 'INSERT users', state: 'done', tries: 1 });

  it('tells what became of its rows', () => {
    const changes = { rows: 120, updatedRows: 20, deletedRows: 0, durationMs: 100 };
    assert.equal(plainStep({ ...inserted, ...changes }, NOW), 'done      INSERT users  120 rows (+100 ~20 -0), 0.1 s');
  });

  it('tells files that went into quarantine', () => {
    const line = plainStep(step({ state: 'done', tries: 1, rows: 1, quarantinedFiles: 2, deletedRows: 3 }), NOW);
    assert.equal(
      line,
      'done      COPY staging_events <- s3://music/log_data/ (30 files) (2 files into quarantine)  1 row (+1 -3)',
    );
  });
});

describe('drawSteps', () => {
  const draw = (steps: readonly StepProgress[], rows: number) =>
    drawSteps({ progress: progress(steps), now: NOW, columns: 80, rows, colors: COLORS }).split('\n');

  it('gives every step a line that fits the terminal', () => {
    const lines = draw(
      [step({}), step({ id: 'users', kind: 'transform', title: 'x'.repeat(200), state: 'running' })],
      24,
    );
    assert.equal(lines.length, 2);
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.match(lines[1] ?? '', /x…/);
  });

  it('tells below a step how often it was tried, when it is tried next, and why', () => {
    const running = step({ state: 'running', tries: 1, startedAt: '2026-01-02T03:04:05Z' });
    const retry = { step: running.id, attempt: 3, maximumAttempts: 6, nextAt: NOW + 8_200, failure: 'No route' };
    const text = drawSteps({
      ...{ progress: progress([running, step({ id: 'users' })]), retries: [retry], now: NOW },
      ...{ columns: 80, rows: 24, colors: COLORS },
    });
    assert.equal(text.split('\n')[1], '    attempt 3 of 6, next in 9 s: No route');
    assert.equal(describeRetry({ ...retry, nextAt: undefined }, NOW), 'attempt 3 of 6, running: No route');
  });

  it('sums up quiet checks when the terminal is too small, and keeps those that failed', () => {
    const checks = Array.from({ length: 20 }, (_, index) =>
      step({ id: `c${index}`, kind: 'check', title: `check ${index}`, state: index < 5 ? 'done' : 'waiting' }),
    );
    const lines = draw([step({}), ...checks, step({ id: 'bad', kind: 'check', title: 'broken', state: 'parked' })], 10);
    assert.equal(lines.length, 3);
    assert.match(lines[1] ?? '', /5 of 20 checks passed/);
    assert.match(lines[2] ?? '', /‼ broken/);
  });
});
