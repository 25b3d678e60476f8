import { brokenFile } from './classes/data-faults.js';
import { killWorker, pauseCluster, restartRedshift, restartTemporal, zombieWorker } from './classes/process-faults.js';
import { diskFull, expiredCredentials } from './classes/resource-faults.js';
import { s3Cut, s3Slow, s3SlowDown } from './classes/s3-faults.js';
import { severalFaults } from './classes/several-faults.js';
import {
  conflict1023,
  copyFails,
  dropAfterCommit,
  dropBeforeCommit,
  dropDuring,
  snapshotConflict,
  terminateSession,
} from './classes/sql-faults.js';
import type { FaultClass } from './fault-class.js';

/** All classes, in the order in which they are reported. */
export const FAULT_CLASSES: readonly FaultClass[] = [
  killWorker,
  zombieWorker,
  terminateSession,
  dropAfterCommit,
  dropBeforeCommit,
  dropDuring,
  copyFails,
  brokenFile,
  conflict1023,
  snapshotConflict,
  s3Slow,
  s3SlowDown,
  s3Cut,
  restartRedshift,
  restartTemporal,
  pauseCluster,
  diskFull,
  expiredCredentials,
  severalFaults,
];

/** @throws Error naming the classes that exist */
export function findFaultClass(name: string): FaultClass {
  const found = FAULT_CLASSES.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = FAULT_CLASSES.map((candidate) => candidate.name).join(', ');
  throw new Error(`There is no fault class "${name}". There are: ${names}.`);
}
