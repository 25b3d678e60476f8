import assert from 'node:assert/strict';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { toFailure } from '../../src/activities/to-failure.js';
import { TerminalError, TransientError } from '../../src/adapters/errors.js';
import { InvalidWarehouseError } from '../../src/adapters/warehouse/invalid-warehouse-error.js';

describe('toFailure', () => {
  const running = new AbortController().signal;

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
    assert.equal(toFailure(new Error('socket closed'), AbortSignal.abort(reason)), reason);
  });

  it('passes faults of ours unchanged', () => {
    const fault = new TypeError('undefined is not a function');
    assert.equal(toFailure(fault, running), fault);
  });
});
