import type { FaultClass, FaultDraw, PlannedFault } from '../fault-class.js';
import type { FaultAction } from '../fault-rules.js';
import { drawStatement, ruleMatch, type StatementTarget } from '../statement-target.js';

const ANYWHERE = {
  stage: ['COPY', 'COPY', 'COMMIT', 'INSERT', 'statement', 'statement'],
  transform: ['INSERT', 'INSERT', 'COMMIT', 'DELETE', 'statement', 'statement'],
} as const;
const AT_COMMIT = { stage: ['COMMIT'], transform: ['COMMIT'] } as const;
const WRITES = { stage: ['COPY', 'write', 'COMMIT'], transform: ['write', 'INSERT', 'COMMIT'] } as const;
const COPIES = { stage: ['COPY'], transform: [] } as const;

/** DG "Serializable isolation": what two transactions under SERIALIZABLE get that read what the other wrote. */
const SERIALIZABLE_VIOLATION: FaultAction = {
  ...{ action: 'error', sqlstate: 'XX000', message: '1023' },
  detail:
    'Serializable isolation violation on table - 100001, transactions forming the cycle are: 1001, 1002 (pid:1003)',
};
const SNAPSHOT_CONFLICT: FaultAction = {
  ...{ action: 'error', sqlstate: 'XX000' },
  message: 'could not complete because of conflict with concurrent transaction',
};
/** Texts of COPY that users report. All but the last pass by themselves. */
const COPY_FAILURES: readonly { readonly name: string; readonly fault: FaultAction; readonly parks?: true }[] = [
  {
    name: '503 SlowDown',
    fault: {
      ...{ action: 'error', sqlstate: 'XX000' },
      message:
        'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0,ExtRid 0,CanRetry 1',
    },
  },
  {
    name: 'out of memory',
    fault: {
      action: 'error',
      sqlstate: '53200',
      message: 'out of memory',
      detail: 'Failed on request of size 1048576.',
    },
  },
  {
    name: 'cancelled by WLM',
    fault: {
      ...{ action: 'error', sqlstate: '57014' },
      message: 'Query (100001) cancelled by WLM abort action of Query Monitoring Rule "copy_time"',
    },
    parks: true,
  },
];

/** The session of a step ends on the server while one of its statements runs. */
export const terminateSession: FaultClass = {
  name: 'terminateSession',
  plan: (draw) => {
    const afterMs = draw.random.below(60);
    const action = { action: 'terminate', afterMs } as const;
    return sqlFault(draw, {
      from: ANYWHERE,
      action,
      times: 1 + draw.random.below(2),
      verb: `terminated ${afterMs} ms into`,
    });
  },
};

/** COMMIT is carried out, and its answer never arrives. */
export const dropAfterCommit: FaultClass = {
  name: 'dropAfterCommit',
  plan: (draw) =>
    sqlFault(draw, { from: AT_COMMIT, action: { action: 'dropAfter' }, times: 1, verb: 'connection lost after' }),
};

/** The connection breaks before COMMIT reaches the server. */
export const dropBeforeCommit: FaultClass = {
  name: 'dropBeforeCommit',
  plan: (draw) =>
    sqlFault(draw, {
      ...{ from: AT_COMMIT, action: { action: 'dropBefore' }, times: 1 + draw.random.below(3) },
      verb: 'connection lost before',
    }),
};

/** The connection breaks while a statement runs; with `keepBackend` the server goes on and never learns of it. */
export const dropDuring: FaultClass = {
  name: 'dropDuring',
  plan: (draw) => {
    const { random } = draw;
    const keepBackend = random.chance(0.6);
    const afterMs = random.below(40);
    const how = keepBackend ? 'unnoticed by the server' : 'with the session';
    return sqlFault(draw, {
      ...{ from: ANYWHERE, action: { action: 'dropDuring', afterMs, keepBackend }, times: 1 + random.below(2) },
      verb: `connection lost, ${how}, ${afterMs} ms into`,
    });
  },
};

/** COPY fails on its first tries, once in a while on many; cancelled on purpose, it waits for a person each time. */
export const copyFails: FaultClass = {
  name: 'copyFails',
  plan: (draw) => {
    const { random } = draw;
    const { name, fault, parks = false } = random.pick(COPY_FAILURES);
    const times = random.chance(0.1) ? 5 : 1 + random.below(2);
    return sqlFault(draw, { from: COPIES, action: fault, times, verb: `${name} at`, mayPark: parks });
  },
};

/** Statements fail as under SERIALIZABLE isolation when another transaction has written what they read. */
export const conflict1023: FaultClass = {
  name: 'conflict1023',
  plan: (draw) =>
    sqlFault(draw, { from: WRITES, action: SERIALIZABLE_VIOLATION, times: 1 + draw.random.below(3), verb: '1023 at' }),
};

/** Statements fail as under SNAPSHOT isolation when another transaction has changed the same rows. */
export const snapshotConflict: FaultClass = {
  name: 'snapshotConflict',
  plan: (draw) =>
    sqlFault(draw, { from: WRITES, action: SNAPSHOT_CONFLICT, times: 1 + draw.random.below(3), verb: 'conflict at' }),
};

interface SqlFault {
  readonly from: Parameters<typeof drawStatement>[1];
  readonly action: FaultAction;
  readonly times: number;
  /** Before the name of the statement. */
  readonly verb: string;
  /** @default false */
  readonly mayPark?: boolean;
}

/** A rule of the SQL face, set before the run starts. */
function sqlFault(draw: FaultDraw, { from, action, times, verb, mayPark = false }: SqlFault): PlannedFault {
  const target: StatementTarget = drawStatement(draw, from);
  return {
    what: `${verb} ${target.what}${times === 1 ? '' : `, ${times} times`}`,
    mayPark,
    arm: async ({ bench, workflowId }) => {
      const rule = await bench.faults.add({ ...ruleMatch(target, workflowId), ...action, times });
      let fired = 0;
      return {
        heal: async () => undefined,
        settle: async () => {
          fired = await rule.fired();
        },
        struck: () => fired > 0,
      };
    },
  };
}
