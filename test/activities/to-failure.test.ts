import assert from 'node:assert/strict';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { toFailure } from '../../src/activities/to-failure.js';
import { TerminalError, TransientError } from '../../src/adapters/errors.js';
import { InvalidWarehouseError } from '../../src/adapters/warehouse/invalid-warehouse-error.js';

describe('toFailure', () => {
  const running = { signal: new AbortController().signal, attempt: 1, random: () => 0.5 };

  it('makes a terminal error a failure that no policy retries, with its details', () => {
    const rows = [{ file: 's3://b/1.json', line: 1, reason: 'Invalid JSON' }];
    const cause = new Error('the whole statement');
    const failure = toFailure(
      new TerminalError({ kind: 'copyRejectedRows', message: 'rejected', resource: 't', details: rows, cause }),
      running,
    );
    assert.ok(failure instanceof ApplicationFailure);
    assert.equal(failure.type, 'CopyRejectedRows');
    assert.equal(failure.nonRetryable, true);
    assert.equal(failure.message, 'rejected');
    assert.deepEqual(failure.details, rows);
    assert.equal(failure.cause, undefined);
  });

  it('makes a transient error a failure that is retried', () => {
    const failure = toFailure(new TransientError({ kind: 'sqlConflict', message: '1023', resource: 't' }), running);
    assert.ok(failure instanceof ApplicationFailure);
    assert.equal(failure.type, 'SqlConflict');
    assert.equal(failure.nonRetryable, false);
  });

  it('knows a wrong warehouse folder', () => {
    const failure = toFailure(
      new InvalidWarehouseError('music', [{ file: 'warehouse.yaml', message: 'is missing' }]),
      running,
    );
    assert.ok(failure instanceof ApplicationFailure);
    assert.equal(failure.type, 'InvalidWarehouse');
    assert.equal(failure.nonRetryable, true);
  });

  it('keeps a cancellation a cancellation, whatever the adapter threw', () => {
    const reason = new CancelledFailure('CANCELLED');
    assert.equal(toFailure(reason, running), reason);
    assert.equal(toFailure(new Error('socket closed'), { signal: AbortSignal.abort(reason), attempt: 1 }), reason);
  });

  function delayOf(
    kind: 'sqlConflict' | 'throttled' | 'unreachable' | 'sqlTransient',
    attempt: number,
    random: number,
  ) {
    const error = new TransientError({ kind, message: 'm', resource: 't' });
    const failure = toFailure(error, { ...running, attempt, random: () => random });
    assert.ok(failure instanceof ApplicationFailure);
    return [failure.nextRetryDelay, failure.nonRetryable];
  }

  it('lets conflicts and throttling back off by chance, twice as long each time, up to a minute', () => {
    for (const kind of ['sqlConflict', 'throttled'] as const) {
      assert.deepEqual(delayOf(kind, 1, 0.5), [500, false]);
      assert.deepEqual(delayOf(kind, 3, 0.5), [2_000, false]);
      assert.deepEqual(delayOf(kind, 7, 0.999_999), [60_000, false]);
      assert.deepEqual(delayOf(kind, 19, 0.25), [15_000, false]);
      assert.deepEqual(delayOf(kind, 1, 0), [50, false]);
    }
  });

  it('waits for a server that is away, most of the delay in any case', () => {
    assert.deepEqual(delayOf('unreachable', 1, 0), [800, false]);
    assert.deepEqual(delayOf('unreachable', 29, 0), [48_000, false]);
    assert.deepEqual(delayOf('unreachable', 29, 0.5), [54_000, false]);
  });

  it('leaves the delay after a lost connection to the class of work', () => {
    assert.deepEqual(delayOf('sqlTransient', 1, 0.5), [undefined, false]);
  });

  it('gives up with the last attempt that the policy allows', () => {
    assert.equal(delayOf('sqlTransient', 7, 0.5)[1], false);
    assert.equal(delayOf('sqlTransient', 8, 0.5)[1], true);
    assert.equal(delayOf('sqlConflict', 20, 0.5)[1], true);
    assert.equal(delayOf('unreachable', 30, 0.5)[1], true);
  });

  it('passes faults of ours unchanged', () => {
    const fault = new TypeError('undefined is not a function');
    assert.equal(toFailure(fault, running), fault);
  });
});
