import { setTimeout as delay } from 'node:timers/promises';
import { atMoment, drawMoment } from '../at-moment.js';
import { CLUSTER } from '../fault-bench.js';
import type { FaultClass } from '../fault-class.js';

/** From a moment on nothing that takes space is carried out; a person makes room and retries. */
export const diskFull: FaultClass = {
  name: 'diskFull',
  plan: (draw) =>
    atMoment(drawMoment(draw), {
      ...{ what: 'disk full from', mayPark: true },
      act: ({ bench }) => bench.faults.setQuota(CLUSTER, 1),
      undo: ({ bench }) => bench.faults.setQuota(CLUSTER, null),
      madeADifference: ({ failures }) => failures.some((text) => /disk full/i.test(text)),
    }),
};

/** Keys and the temporary credentials of roles have expired, until somebody renews them. */
export const expiredCredentials: FaultClass = {
  name: 'expiredCredentials',
  plan: (draw) => {
    const moment = drawMoment(draw);
    const renewedAfterMs = draw.random.chance(0.5) ? 200 + draw.random.below(2_500) : undefined;
    const until = renewedAfterMs === undefined ? '' : ` for ${renewedAfterMs} ms`;
    return atMoment(moment, {
      ...{ what: `credentials expired${until} from`, mayPark: true },
      act: async ({ bench }) => {
        await bench.faults.setExpired(true);
        if (renewedAfterMs === undefined) return;
        await delay(renewedAfterMs);
        await bench.faults.setExpired(false);
      },
      undo: ({ bench }) => bench.faults.setExpired(false),
      madeADifference: ({ failures }) => failures.length > 0,
    });
  },
};
