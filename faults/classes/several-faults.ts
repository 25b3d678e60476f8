import type { Random } from '../../src/sample/random.js';
import type { ArmedFault, FaultClass } from '../fault-class.js';
import { brokenFile } from './data-faults.js';
import { killWorker, pauseCluster, restartRedshift, restartTemporal, zombieWorker } from './process-faults.js';
import { diskFull, expiredCredentials } from './resource-faults.js';
import { s3Cut, s3SlowDown } from './s3-faults.js';
import {
  conflict1023,
  copyFails,
  dropAfterCommit,
  dropBeforeCommit,
  dropDuring,
  terminateSession,
} from './sql-faults.js';

/** Faults of one group would take each other's place: of each group at most one strikes a run. */
const GROUPS: readonly (readonly FaultClass[])[] = [
  [killWorker, zombieWorker],
  [dropAfterCommit, dropBeforeCommit, dropDuring],
  [terminateSession, copyFails, conflict1023],
  [s3SlowDown, s3Cut],
  [restartRedshift, pauseCluster, diskFull, expiredCredentials],
  [restartTemporal],
  [brokenFile],
];

/** Two or three faults in one run. Together they may use up a step's attempts. */
export const severalFaults: FaultClass = {
  name: 'severalFaults',
  plan: (draw) => {
    const faults = pickGroups(draw.random).map((group) => draw.random.pick(group).plan(draw));
    return {
      what: faults.map(({ what }) => what).join('; '),
      mayPark: true,
      arm: async (place) => {
        const armed: ArmedFault[] = [];
        for (const fault of faults) armed.push(await fault.arm(place));
        return {
          heal: async () => {
            for (const fault of armed) await fault.heal();
          },
          settle: async () => {
            for (const fault of armed) await fault.settle();
          },
          struck: (evidence) => armed.filter((fault) => fault.struck(evidence)).length > 1,
        };
      },
    };
  },
};

function pickGroups(random: Random): readonly (readonly FaultClass[])[] {
  const left = [...GROUPS];
  return Array.from({ length: 2 + random.below(2) }, () => left.splice(random.below(left.length), 1)[0] ?? []);
}
