import assert from 'node:assert/strict';
import { proveChecks } from '../../faults/self-test.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { getBrokenStack } from './support.js';

describe('the checks of the fault harness', () => {
  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    await getBrokenStack();
  });

  it('find nothing after an undisturbed load, and every damage that is done to the warehouse on purpose', async function () {
    this.timeout(120_000);
    const { bench, samples } = await getBrokenStack();
    assert.deepEqual(await proveChecks(bench, samples), [
      'self-test: an undisturbed load -> nothing found',
      'self-test: a star row twice -> duplicated, result',
      'self-test: a star row deleted -> lost, result',
      'self-test: a star row changed -> lost, duplicated',
      'self-test: a staged row twice -> duplicated, ledger, result',
      'self-test: a file less in the ledger -> ledger',
      'self-test: a file twice in the ledger -> ledger',
      'self-test: rows forged in the ledger -> ledger',
      'self-test: a step twice in the ledger -> ledger',
      'self-test: an entry in quarantine -> quarantine',
      'self-test: a table left behind -> leftover',
      'self-test: a run that reports other counts -> result',
      'self-test: a session left open -> session',
      'self-test: a lock left behind -> session, lock',
      'self-test: a reader of half a table -> reader',
    ]);
  });
});
