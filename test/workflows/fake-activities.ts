import { Context } from '@temporalio/activity';
import type { Activities } from '../../src/activities/activities.js';
import type { CheckResult } from '../../src/domain/facts.js';
import type { WarehousePlan } from '../../src/domain/plan.js';

/** A small warehouse: two stagings, a dimension from one of them, a fact from both, a dimension from the fact. */
export const PLAN: WarehousePlan = {
  warehouse: 'music',
  design: 'by-song',
  schema: 'public',
  revision: '0123456789ab',
  tables: [
    { name: 'staging_events', role: 'staging' },
    { name: 'staging_songs', role: 'staging' },
    { name: 'songs', role: 'dimension' },
    { name: 'songplays', role: 'fact' },
    { name: 'time', role: 'dimension' },
  ],
  load: [
    stagePlan('staging_events', 'log_data'),
    stagePlan('staging_songs', 'song_data'),
    { kind: 'transform', id: 'songs', table: 'songs', reads: ['staging_songs'], needs: ['staging_songs'] },
    {
      kind: 'transform',
      id: 'songplays',
      table: 'songplays',
      reads: ['staging_events', 'staging_songs'],
      needs: ['staging_events', 'staging_songs'],
    },
    { kind: 'transform', id: 'time', table: 'time', reads: ['songplays'], needs: ['songplays'] },
  ],
  checks: [
    { id: 'songplays_unique', title: 'songplays are unique', severity: 'error' },
    { id: 'levels_valid', title: 'levels are valid', severity: 'warning' },
  ],
};

/** One call of an activity, in the order in which they began. */
export interface Call {
  readonly name: keyof Activities;
  readonly request: unknown;
}

/** Activities that answer at once, and remember how they were called. */
export class FakeActivities {
  readonly calls: Call[] = [];
  /** What a test replaces; reset before each one. */
  overrides: Partial<Activities> = {};

  /** The names of the calls so far, each with the step or table that it was about; without notifications, which are no work. */
  names(): readonly string[] {
    const work = this.calls.filter(({ name }) => name !== 'notify');
    return work.map(({ name, request }) => {
      const { step, check } = request as { readonly step?: string; readonly check?: string };
      return [name, step ?? check].filter((part) => part !== undefined).join(' ');
    });
  }

  requests<Request>(name: keyof Activities): readonly Request[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.request as Request);
  }

  reset(overrides: Partial<Activities> = {}): void {
    this.calls.length = 0;
    this.overrides = overrides;
  }

  /** What a worker is given. */
  forWorker(): Activities {
    const entries = (Object.keys(DEFAULTS) as (keyof Activities)[]).map((name) => {
      const call = async (request: never): Promise<unknown> => {
        this.calls.push({ name, request });
        const work = (this.overrides[name] ?? DEFAULTS[name]) as (request: never) => Promise<unknown>;
        return work(request);
      };
      return [name, call] as const;
    });
    return Object.fromEntries(entries) as unknown as Activities;
  }
}

export function passedCheck(id: string): CheckResult {
  const { title = id, severity = 'error' } = PLAN.checks.find((check) => check.id === id) ?? {};
  return { id, title, severity, passed: true, offending: 0, sample: [] };
}

export const CLUSTER_HOST = 'music.abc.eu-central-1.redshift.amazonaws.com';

const DEFAULTS: Activities = {
  planWarehouse: async ({ design, source }) => ({
    ...PLAN,
    design: design ?? PLAN.design,
    load: source === undefined ? PLAN.load.filter((step) => step.kind === 'transform') : PLAN.load,
  }),
  claimTables: async () => ({ claimedBy: Context.current().info.workflowExecution?.runId ?? '' }),
  waitForRun: async () => undefined,
  releaseTables: async () => undefined,
  createTables: async () => ({ created: PLAN.tables.map(({ name }) => name), existing: [], dropped: [] }),
  listSource: async ({ sourceName, exclude }) => ({
    manifestUrl: `s3://music/.starshift/${sourceName}.manifest`,
    files: 30 - exclude.length,
    sizeBytes: 3000,
  }),
  copyBatch: async ({ listing }) => ({
    rows: 8056,
    files: listing.files,
    sizeBytes: listing.sizeBytes,
    rejectedRows: 0,
    rejects: [],
    alreadyDone: false,
  }),
  transformTable: async () => ({ rows: 71, alreadyDone: false }),
  runCheck: async ({ check }) => passedCheck(check),
  countRows: async () => ({ songplays: 6820, songs: 71 }),
  ensureLoadRole: async () => ({ id: 'arn:aws:iam::123456789012:role/starshift-music', created: true }),
  ensureSecurityGroup: async () => ({ id: 'sg-1', created: true }),
  ensureCluster: async ({ cluster }) => ({ id: cluster.identifier, created: true }),
  waitForClusterAvailable: async ({ identifier }) => ({
    identifier,
    host: CLUSTER_HOST,
    port: 5439,
    database: 'dev',
    adminUser: 'admin',
    nodeType: 'ra3.large',
    nodes: 1,
    iamRoleArns: [],
  }),
  deleteCluster: async () => ({ deleted: true }),
  waitForClusterDeleted: async () => undefined,
  deleteSecurityGroup: async () => ({ deleted: true }),
  deleteLoadRole: async () => ({ deleted: true }),
  notify: async () => ({ sent: [] }),
};

function stagePlan(table: string, folder: string): WarehousePlan['load'][number] {
  return { kind: 'stage', id: table, table, source: folder, url: `s3://music/${folder}`, needs: [] };
}
