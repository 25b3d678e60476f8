import { setTimeout as delay } from 'node:timers/promises';
import { PauseClusterCommand, ResumeClusterCommand } from '@aws-sdk/client-redshift';
import { atMoment, drawMoment } from '../at-moment.js';
import { CLUSTER } from '../fault-bench.js';
import type { FaultClass, FaultPlace } from '../fault-class.js';

/** Longer than the heartbeat timeout of every activity: by then the frozen worker's work is somebody else's. */
const HEARTBEAT_TIMEOUT_MS = 15_000;
/** A worker that wakes up takes up where it was at once; by then it has done what it was going to. */
const AFTERMATH_MS = 1_500;

/** The worker dies at once, and another one is started a moment later. */
export const killWorker: FaultClass = {
  name: 'killWorker',
  plan: (draw) => {
    const moment = drawMoment(draw);
    const downMs = draw.random.below(500);
    return atMoment(moment, {
      ...{ what: 'SIGKILL', mayPark: false },
      act: async ({ bench }) => {
        bench.worker.kill();
        await delay(downMs);
        await bench.startWorker();
      },
    });
  },
};

/** A worker that stands still, is given up, and comes back while or after another has taken over. */
export const zombieWorker: FaultClass = {
  name: 'zombieWorker',
  plan: (draw) => {
    const { random } = draw;
    const moment = drawMoment(draw);
    const frozenMs = random.chance(0.2) ? 1_000 + random.below(10_000) : HEARTBEAT_TIMEOUT_MS + random.below(4_000);
    return atMoment(moment, {
      ...{ what: `SIGSTOP for ${frozenMs} ms`, mayPark: false },
      act: async (place) => freeze(place, frozenMs),
    });
  },
};

/** The warehouse dies in the middle of its work and comes back where it was. */
export const restartRedshift: FaultClass = {
  name: 'restartRedshift',
  plan: (draw) => {
    const moment = drawMoment(draw);
    const downMs = draw.random.below(1_500);
    return atMoment(moment, {
      ...{ what: `redshift-local killed, started again after ${downMs} ms,`, mayPark: false },
      act: ({ bench }) => bench.restartRedshift(downMs),
    });
  },
};

/** Temporal dies and comes back with what it had written down. */
export const restartTemporal: FaultClass = {
  name: 'restartTemporal',
  plan: (draw) => {
    const moment = drawMoment(draw);
    const downMs = draw.random.below(1_500);
    return atMoment(moment, {
      ...{ what: `Temporal killed, started again after ${downMs} ms,`, mayPark: false },
      act: ({ bench }) => bench.restartTemporal(downMs),
    });
  },
};

/** The cluster is paused, and somebody resumes it. A step that finds it paused parks. */
export const pauseCluster: FaultClass = {
  name: 'pauseCluster',
  plan: (draw) => {
    const moment = drawMoment(draw);
    const pausedMs = draw.random.below(1_500);
    return atMoment(moment, {
      ...{ what: `PauseCluster, ResumeCluster after ${pausedMs} ms,`, mayPark: true },
      act: (place) => pause(place, pausedMs),
    });
  },
};

async function freeze({ bench }: FaultPlace, frozenMs: number): Promise<void> {
  const frozen = bench.worker;
  frozen.freeze();
  try {
    await Promise.all([bench.startWorker(), delay(frozenMs)]);
  } finally {
    frozen.wake();
  }
  await delay(AFTERMATH_MS);
}

async function pause({ bench }: FaultPlace, pausedMs: number): Promise<void> {
  const redshift = bench.openRedshift();
  try {
    await redshift.send(new PauseClusterCommand({ ClusterIdentifier: CLUSTER }));
    await bench.untilCluster('paused');
    await delay(pausedMs);
    await redshift.send(new ResumeClusterCommand({ ClusterIdentifier: CLUSTER }));
    await bench.untilCluster('available');
  } finally {
    redshift.destroy();
  }
}
