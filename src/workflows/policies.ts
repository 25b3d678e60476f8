import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { POLICIES as FAILURE_POLICIES, type FailurePolicy } from '../domain/failure.js';

/**
 * Attempts that a failure's own policy may ask for (domain/failure.ts). Failures that another attempt cannot mend, or have been tried often
 * enough, say so themselves (`nonRetryable`), and some bring their delay along, so no list of types stands here. This limit and
 * the delays below are left for what no attempt can report: a worker that died, a time limit.
 */
const PATIENT = Math.max(...Object.values(FAILURE_POLICIES).map((policy: FailurePolicy) => policy.attempts ?? 1));
/** Of the steps that a run begins with: a wrong address parks within minutes, while somebody is still watching. */
const BRISK = 10;

/**
 * Timeouts and retry policies by class of work. Attempts are limited everywhere: what they do not mend parks the step.
 * Every attempt heartbeats each second on a timer, which is also how cancellation reaches it. So a worker that dies is noticed after
 * `heartbeatTimeout`, whatever the work: long enough for a busy machine, short enough that the next start does not seem to hang.
 */
const POLICIES = {
  /** The worker's own file system. */
  files: {
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 3, initialInterval: '500 ms', backoffCoefficient: 2 },
  },
  /** Pages of a bucket listing, and one manifest written. */
  listing: {
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '15 seconds',
    retry: {
      maximumAttempts: PATIENT,
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '30 seconds',
    },
  },
  /** Claims and definitions, the first to talk to the warehouse: short unless someone holds a lock. */
  ddl: {
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '15 seconds',
    retry: {
      maximumAttempts: BRISK,
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '30 seconds',
    },
  },
  /** COPY and INSERT. */
  load: {
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '15 seconds',
    retry: {
      maximumAttempts: PATIENT,
      initialInterval: '1 second',
      backoffCoefficient: 3,
      maximumInterval: '2 minutes',
    },
  },
  /** Until another run has ended, which may itself wait for a person for days. */
  otherRun: {
    startToCloseTimeout: '30 days',
    heartbeatTimeout: '15 seconds',
    retry: { maximumAttempts: 100, initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  },
  /** A courtesy at the end of a run, which shall not wait for it. */
  farewell: {
    startToCloseTimeout: '30 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 3, initialInterval: '1 second', backoffCoefficient: 2 },
  },
  /** Checks and counts. */
  query: {
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '15 seconds',
    retry: {
      maximumAttempts: PATIENT,
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '30 seconds',
    },
  },
  /** One or a few calls of an AWS API; throttling passes within minutes. */
  awsCall: {
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '10 seconds',
    retry: {
      maximumAttempts: PATIENT,
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '1 minute',
    },
  },
  /** Until a cluster has settled: minutes as a rule; a final snapshot or a resize may take hours. */
  awsWait: {
    startToCloseTimeout: '4 hours',
    heartbeatTimeout: '15 seconds',
    retry: {
      maximumAttempts: PATIENT,
      initialInterval: '5 seconds',
      backoffCoefficient: 2,
      maximumInterval: '1 minute',
    },
  },
  /** A message to people. Long enough for a server that is being restarted; the run does not wait for it. */
  notification: {
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 8, initialInterval: '1 second', backoffCoefficient: 3, maximumInterval: '10 minutes' },
  },
} as const satisfies Record<string, ActivityOptions>;

const CLASS_OF_WORK: Readonly<Record<keyof Activities, keyof typeof POLICIES>> = {
  planWarehouse: 'files',
  claimTables: 'ddl',
  waitForRun: 'otherRun',
  releaseTables: 'farewell',
  createTables: 'ddl',
  listSource: 'listing',
  copyBatch: 'load',
  transformTable: 'load',
  runCheck: 'query',
  countRows: 'query',
  ensureLoadRole: 'awsCall',
  ensureSecurityGroup: 'awsCall',
  ensureCluster: 'awsWait',
  waitForClusterAvailable: 'awsWait',
  // A paused or changing cluster refuses the delete until it has settled.
  deleteCluster: 'awsWait',
  waitForClusterDeleted: 'awsWait',
  deleteSecurityGroup: 'awsCall',
  deleteLoadRole: 'awsCall',
  notify: 'notification',
};

/**
 * The activity under the policy of its class of work. `summary` is the line the Web UI shows for it. Cancelled, it is awaited
 * until its SQL is gone from the server.
 */
export function activity<Name extends keyof Activities>(name: Name, summary: string): Activities[Name] {
  return proxyActivities<Activities>({
    ...POLICIES[CLASS_OF_WORK[name]],
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  })[name];
}
