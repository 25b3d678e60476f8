import type { FaultClass, FaultDraw, PlannedFault } from '../fault-class.js';
import type { S3FaultAction } from '../s3-proxy-rules.js';

/** Objects of the source, by what reads them. */
const READ_BY_COPY = 'GET';

/** Objects arrive at a trickle. */
export const s3Slow: FaultClass = {
  name: 's3Slow',
  plan: (draw) => {
    const { random } = draw;
    const bytesPerSecond = 20_000 + random.below(180_000);
    const times = 1 + random.below(6);
    return s3Fault(draw, {
      ...{ method: READ_BY_COPY, times, action: { action: 'slow', bytesPerSecond } },
      what: `objects at ${Math.round(bytesPerSecond / 1_000)} kB/s`,
    });
  },
};

/** 503 SlowDown, or 500 InternalError, on reads, listings, and the writing of manifests. */
export const s3SlowDown: FaultClass = {
  name: 's3SlowDown',
  plan: (draw) => {
    const { random } = draw;
    const action = random.chance(0.75) ? 'slowDown' : 'internalError';
    const method = random.pick(['GET', 'GET', 'PUT', 'HEAD', undefined]);
    // The SDK of the worker and the reader of COPY try a request again by themselves, a few times.
    const times = random.chance(0.5) ? 1 + random.below(4) : 5 + random.below(12);
    return s3Fault(draw, { method, times, action: { action }, what: `${action} on ${method ?? 'requests'}` });
  },
};

/** The connection breaks in the middle of an object. */
export const s3Cut: FaultClass = {
  name: 's3Cut',
  plan: (draw) => {
    const { random } = draw;
    const afterBytes = random.below(6_000);
    const times = random.chance(0.5) ? 1 : 2 + random.below(6);
    return s3Fault(draw, {
      ...{ method: READ_BY_COPY, times, action: { action: 'cut', afterBytes } },
      what: `cut after ${afterBytes} bytes`,
    });
  },
};

interface S3Fault {
  readonly method: string | undefined;
  readonly times: number;
  readonly action: S3FaultAction;
  readonly what: string;
}

/** A rule of the proxy on the run's own objects or its manifests, set before the run starts. */
function s3Fault({ random }: FaultDraw, { method, times, action, what }: S3Fault): PlannedFault {
  const folder = random.pick(['log_data/', 'song_data/', undefined]);
  const skip = random.below(12);
  const where = folder === undefined ? 'anything' : folder;
  return {
    what: `${what}, ${where}, ${times} times after ${skip}`,
    mayPark: times >= ATTEMPTS_THAT_SURELY_SUFFICE,
    arm: async ({ bench, prefix }) => {
      const { proxy } = bench.servers;
      const keyPattern = folder === undefined ? undefined : `${prefix}${folder}`;
      const which = {
        ...(method === undefined ? {} : { method }),
        ...(keyPattern === undefined ? {} : { keyPattern }),
      };
      proxy.setRules([{ ...action, ...which, skip, times }]);
      let struck = false;
      return {
        heal: async () => undefined,
        settle: async () => {
          struck = proxy.rules.some(({ fired }) => fired > 0);
        },
        struck: () => struck,
      };
    },
  };
}

/** A step tries at least five times, and each try asks S3 at least once. */
const ATTEMPTS_THAT_SURELY_SUFFICE = 5;
