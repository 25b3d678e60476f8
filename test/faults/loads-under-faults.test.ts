import assert from 'node:assert/strict';
import { findFaultClass } from '../../faults/fault-classes.js';
import { violationLines } from '../../faults/outcome-lines.js';
import { SCENARIOS } from '../../faults/scenario.js';
import { runUntilStruck } from '../../faults/until-struck.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { getBrokenStack } from './support.js';

/** A short selection of what `npm run faults` does: faults that cost seconds, and one that waits for a heartbeat timeout. */
const SELECTION: readonly (readonly [faultClass: string, seed: number, happens: string])[] = [
  ['dropAfterCommit', 1, 'the answer to a COMMIT is lost'],
  ['dropBeforeCommit', 1, 'the connection breaks before COMMIT'],
  ['dropDuring', 1, 'the connection breaks during a statement'],
  ['terminateSession', 1, 'a session is terminated'],
  ['copyFails', 1, 'COPY fails at first'],
  ['conflict1023', 1, 'Redshift answers 1023'],
  ['snapshotConflict', 1, 'a transaction conflicts with another'],
  ['s3SlowDown', 1, 'S3 throttles'],
  ['s3Cut', 1, 'S3 breaks off in the middle of a file'],
  ['restartRedshift', 1, 'the warehouse is killed and comes back'],
  ['restartTemporal', 1, 'Temporal is killed and comes back'],
  ['diskFull', 1, 'the disk is full until a person makes room'],
  ['killWorker', 1, 'the worker is killed'],
];

describe('loads under faults', () => {
  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    await getBrokenStack();
  });

  for (const [name, seed, happens] of SELECTION) {
    it(`has every row once, a balanced ledger and no session left when ${happens} (${name}, seed ${seed})`, async function () {
      this.timeout(240_000);
      const { bench, samples, keepIn } = await getBrokenStack();
      const run = { faultClass: findFaultClass(name), seed, samples, kinds: SCENARIOS, keepIn };
      const outcome = (await runUntilStruck(async () => bench, run)).at(-1);
      assert.ok(outcome);
      assert.deepEqual(violationLines(outcome, ''), [], outcome.what);
      assert.ok(outcome.struck, `the fault never struck: ${outcome.what}`);
    });
  }
});
