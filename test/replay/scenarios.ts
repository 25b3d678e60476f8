import { Context, heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities/activities.js';
import type { StepProgress } from '../../src/domain/progress.js';
import { passedCheck } from '../workflows/fake-activities.js';
import { BUILD_CLUSTER, CLUSTER, LOAD, SOURCE, TARGET, type TestRun, type TestRuns } from '../workflows/test-runs.js';

/** A run worth keeping: every workflow, and every way a run can turn. */
export interface Scenario {
  /** File name of the history. */
  readonly name: string;
  readonly activities?: Partial<Activities>;
  readonly play: (runs: TestRuns) => Promise<TestRun>;
}

const BUILD_TARGET = { warehouse: 'music', source: SOURCE, target: TARGET };
const CHECK = { target: TARGET, warehouse: 'music' };
const OTHER_RUN = {
  workflowId: 'nightly',
  runId: 'b0c3a4de-0000-4000-8000-000000000000',
  namespace: 'default',
  claimedAt: '2026-01-02T03:04:05Z',
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'build-warehouse-on-endpoint',
    play: (runs) => runs.start('buildWarehouse', BUILD_TARGET),
  },
  {
    name: 'build-warehouse-with-cluster-and-teardown',
    play: (runs) => runs.start('buildWarehouse', { ...BUILD_CLUSTER, teardown: { finalSnapshot: 'music-1' } }),
  },
  {
    name: 'build-warehouse-aborted-while-provisioning',
    activities: { waitForClusterAvailable: fails('AwsFailed') },
    play: async (runs) => {
      const run = await runs.start('buildWarehouse', BUILD_CLUSTER);
      await run.until('cluster-available', 'parked');
      await run.handle.executeUpdate('abort', { args: [{ reason: 'no capacity' }] });
      return run;
    },
  },
  {
    name: 'build-warehouse-failed-with-teardown',
    activities: { createTables: fails('SqlFailed') },
    play: (runs) => runs.start('buildWarehouse', { ...BUILD_CLUSTER, teardown: {}, onFailure: 'fail' }),
  },
  {
    name: 'provision-warehouse',
    play: (runs) => runs.start('provisionWarehouse', { cluster: CLUSTER, source: SOURCE }),
  },
  {
    name: 'provision-warehouse-cancelled',
    activities: { waitForClusterAvailable: worksUntilCancelled },
    play: async (runs) => {
      const run = await runs.start('provisionWarehouse', { cluster: CLUSTER, source: SOURCE });
      await run.until('cluster-available', 'running');
      await run.handle.cancel();
      return run;
    },
  },
  { name: 'create-tables', play: (runs) => runs.start('createTables', { ...CHECK, recreate: true }) },
  { name: 'load-warehouse', play: (runs) => runs.start('loadWarehouse', LOAD) },
  {
    name: 'load-warehouse-parked-and-retried',
    activities: {
      copyBatch: async ({ maxErrors, listing }) => {
        if (maxErrors === 0) throw ApplicationFailure.nonRetryable('line 7, column "ts": "abc"', 'CopyRejectedRows');
        const { files, sizeBytes } = listing;
        return { rows: 8055, files, sizeBytes, rejectedRows: 1, rejects: [], alreadyDone: false };
      },
    },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      await run.until('staging_events', 'parked');
      await run.until('staging_songs', 'parked');
      const answers = [
        { step: 'staging_songs', maxErrors: 1 },
        { step: 'staging_events', maxErrors: 1, exclude: ['log_data/a.json'] },
      ];
      for (const answer of answers) await run.handle.executeUpdate('retryStep', { args: [answer] });
      return run;
    },
  },
  {
    name: 'load-warehouse-parked-and-skipped',
    activities: { copyBatch: fails('SourceUnavailable') },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      for (const step of ['staging_events', 'staging_songs']) {
        await run.until(step, 'parked');
        await run.handle.executeUpdate('skipStep', { args: [{ step }] });
      }
      return run;
    },
  },
  {
    name: 'load-warehouse-decision-expired',
    activities: { listSource: fails('SourceUnavailable') },
    play: (runs) => runs.start('loadWarehouse', { ...LOAD, decisionTimeout: '1 second' }),
  },
  {
    name: 'load-warehouse-failed',
    activities: { transformTable: fails('SqlFailed') },
    play: (runs) => runs.start('loadWarehouse', { ...LOAD, onFailure: 'fail' }),
  },
  {
    name: 'load-warehouse-notified-and-retried',
    activities: { copyBatch: failsOnce('CopyRejectedRows'), notify: async () => ({ sent: ['webhook'] }) },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      const { id } = await parkedStep(run);
      await run.handle.executeUpdate('retryStep', { args: [{ step: id, maxErrors: 10 }] });
      return run;
    },
  },
  {
    name: 'load-warehouse-notified-and-skipped',
    activities: { copyBatch: failsOnce('CopyRejectedRows'), notify: fails('NotificationRefused') },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      const { id } = await parkedStep(run);
      await run.handle.executeUpdate('skipStep', { args: [{ step: id }] });
      return run;
    },
  },
  {
    name: 'load-warehouse-expired-after-last-call',
    activities: { listSource: fails('SourceUnavailable') },
    play: (runs) => runs.start('loadWarehouse', { ...LOAD, decisionTimeout: '2 seconds' }),
  },
  {
    name: 'load-warehouse-failed-and-notified',
    activities: { transformTable: fails('SqlFailed') },
    play: (runs) => runs.start('loadWarehouse', { ...LOAD, onFailure: 'fail' }),
  },
  {
    name: 'load-warehouse-changed-files-reloaded',
    activities: {
      listSource: async ({ incremental }) => {
        if (incremental?.reload.length === 0)
          throw ApplicationFailure.nonRetryable('a.json has changed', 'FileChanged');
        const difference = { asOf: 1, known: 29, reloaded: 1, quarantined: 0, replaces: [1] };
        return { manifestUrl: 's3://music/.starshift/m', files: 1, sizeBytes: 100, difference };
      },
    },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', { ...LOAD, mode: 'incremental' });
      for (const step of ['staging_events', 'staging_songs']) {
        await run.until(step, 'parked');
        await run.handle.executeUpdate('retryStep', { args: [{ step, reload: ['s3://music/a.json'] }] });
      }
      return run;
    },
  },
  {
    name: 'load-warehouse-listed-again',
    activities: { copyBatch: outdatedListings({ staging_events: 1, staging_songs: 3 }) },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      await run.until('staging_songs', 'parked');
      await run.handle.executeUpdate('retryStep', { args: [{ step: 'staging_songs' }] });
      return run;
    },
  },
  { name: 'load-warehouse-claims', play: (runs) => runs.start('loadWarehouse', LOAD) },
  { name: 'build-warehouse-claims', play: (runs) => runs.start('buildWarehouse', BUILD_TARGET) },
  { name: 'create-tables-claims', play: (runs) => runs.start('createTables', CHECK) },
  { name: 'check-warehouse-claims', play: (runs) => runs.start('checkWarehouse', CHECK) },
  {
    name: 'load-warehouse-waits-for-another-run',
    activities: { claimTables: busyAtFirst() },
    play: (runs) => runs.start('loadWarehouse', LOAD),
  },
  {
    name: 'load-warehouse-busy',
    activities: { claimTables: async () => ({ holder: OTHER_RUN }) },
    play: (runs) => runs.start('loadWarehouse', { ...LOAD, whenBusy: 'fail' }),
  },
  {
    name: 'load-warehouse-skips-the-wait',
    activities: { claimTables: async () => ({ holder: OTHER_RUN }), waitForRun: worksUntilCancelled },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      await run.until('claim-tables', 'running');
      await run.untilNoted('claim-tables');
      await run.handle.executeUpdate('skipStep', { args: [{ step: 'claim-tables' }] });
      return run;
    },
  },
  {
    name: 'load-warehouse-reset-after-its-claim',
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      await run.result();
      return run.resetBefore('countRows');
    },
  },
  {
    name: 'load-warehouse-cancelled',
    activities: { transformTable: worksUntilCancelled },
    play: async (runs) => {
      const run = await runs.start('loadWarehouse', LOAD);
      await run.until('songs', 'running');
      await run.handle.cancel();
      return run;
    },
  },
  { name: 'load-warehouse-invalid-input', play: (runs) => runs.start('loadWarehouse', { colour: 'blue' }) },
  {
    name: 'check-warehouse-accepted',
    activities: { runCheck: async ({ check }) => ({ ...passedCheck(check), passed: false, offending: 1 }) },
    play: async (runs) => {
      const run = await runs.start('checkWarehouse', CHECK);
      await run.until('check:songplays_unique', 'parked');
      await run.handle.executeUpdate('skipStep', { args: [{ step: 'check:songplays_unique' }] });
      return run;
    },
  },
  { name: 'teardown-warehouse', play: (runs) => runs.start('teardownWarehouse', { cluster: 'music' }) },
];

/** Whichever step is first. */
function failsOnce(type: string): Activities['copyBatch'] {
  let isBroken = true;
  return async ({ listing: { files, sizeBytes } }) => {
    if (isBroken) {
      isBroken = false;
      const row = { file: 's3://music/log_data/a.json', line: 7, column: 'ts', value: 'abc', reason: 'Invalid digit' };
      throw ApplicationFailure.nonRetryable('line 7, column "ts": "abc"', type, row, { rejectedRows: 1 });
    }
    return { rows: 8056, files, sizeBytes, rejectedRows: 0, rejects: [], alreadyDone: false };
  };
}

/** So many times in a row the files of a step change while they are loaded. */
export function outdatedListings(times: Readonly<Record<string, number>>): Activities['copyBatch'] {
  const left = new Map(Object.entries(times));
  return async ({ step, listing: { files, sizeBytes } }) => {
    const more = left.get(step) ?? 0;
    left.set(step, more - 1);
    if (more > 0) {
      const message = '1 file changed while it was loaded; nothing was loaded';
      throw ApplicationFailure.nonRetryable(message, 'ListingOutdated', { file: 's3://music/log_data/a.json' });
    }
    return { rows: 8056, files, sizeBytes, rejectedRows: 0, rejects: [], alreadyDone: false };
  };
}

async function parkedStep(run: TestRun): Promise<StepProgress> {
  for (;;) {
    const parked = (await run.progress()).steps.find(({ state }) => state === 'parked');
    if (parked !== undefined) return parked;
  }
}

/** Tables that another run has when they are asked for first. */
function busyAtFirst(): Activities['claimTables'] {
  const asked = new Set<string>();
  return async () => {
    const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
    if (asked.has(workflowId)) return { claimedBy: runId };
    asked.add(workflowId);
    return { holder: OTHER_RUN };
  };
}

function fails(type: string): () => Promise<never> {
  return async () => {
    throw ApplicationFailure.nonRetryable(`${type} for the record`, type);
  };
}

async function worksUntilCancelled(): Promise<never> {
  for (;;) {
    heartbeat();
    await sleep(50);
  }
}
