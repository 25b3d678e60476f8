import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../src/config.js';
import type { RunResult } from '../src/domain/progress.js';
import { FaultBench, TARGET } from './fault-bench.js';
import type { Sample } from './samples.js';
import { BUCKET } from './source-bucket.js';
import type { Finding, Trouble } from './verify/finding.js';
import { openSessions } from './verify/open-sessions.js';
import { sizeOf } from './verify/table-contents.js';
import { type EndedRun, verifyRun } from './verify/verify-run.js';
import { WatchingReader } from './verify/watching-reader.js';
import { WAREHOUSE } from './warehouse-shape.js';
import { WarehouseSql, withWarehouse } from './warehouse-sql.js';

/** One way to break a warehouse behind the product's back, and what the checks have to say about it. */
interface Damage {
  readonly what: string;
  readonly expects: Trouble;
  /** Run in a transaction that is rolled back after the checks. */
  readonly sql: (schema: string) => readonly string[];
}

const SCHEMA = 'self_test';
/** The checks find a session that is there on purpose at once. */
const SETTLE_MS = 100;
const READ_WITHIN_MS = 10_000;
const READ_EVERY_MS = 20;

const DAMAGES: readonly Damage[] = [
  {
    what: 'a star row twice',
    expects: 'duplicated',
    sql: (schema) => [
      `insert into ${schema}.songs select * from ${schema}.songs where song_id = (select max(song_id) from ${schema}.songs)`,
    ],
  },
  {
    what: 'a star row deleted',
    expects: 'lost',
    sql: (schema) => [`delete from ${schema}.time where start_time = (select max(start_time) from ${schema}.time)`],
  },
  {
    what: 'a star row changed',
    expects: 'lost',
    sql: (schema) => [
      `update ${schema}.users set level = 'none' where user_id = (select max(user_id) from ${schema}.users)`,
    ],
  },
  {
    what: 'a staged row twice',
    expects: 'duplicated',
    sql: (schema) => [
      `insert into ${schema}.staging_events select * from ${schema}.staging_events where ts = (select max(ts) from ${schema}.staging_events)`,
    ],
  },
  {
    what: 'a file less in the ledger',
    expects: 'ledger',
    sql: (schema) => [
      `delete from starshift.load_files where table_schema = '${schema}' and url = (select max(url) from starshift.load_files where table_schema = '${schema}')`,
    ],
  },
  {
    what: 'a file twice in the ledger',
    expects: 'ledger',
    sql: (schema) => [
      `insert into starshift.load_files select * from starshift.load_files where table_schema = '${schema}' and url = (select max(url) from starshift.load_files where table_schema = '${schema}')`,
    ],
  },
  {
    what: 'rows forged in the ledger',
    expects: 'ledger',
    sql: (schema) => [
      `update starshift.load_files set row_count = row_count + 1 where table_schema = '${schema}' and url = (select max(url) from starshift.load_files where table_schema = '${schema}')`,
    ],
  },
  {
    what: 'a step twice in the ledger',
    expects: 'ledger',
    sql: (schema) => [
      `insert into starshift.load_steps select * from starshift.load_steps where table_schema = '${schema}' and step = 'songs'`,
    ],
  },
  {
    what: 'an entry in quarantine',
    expects: 'quarantine',
    sql: (schema) => [
      `insert into starshift.quarantine (workflow_id, run_id, step, table_schema, table_name, load_number, url, reason, quarantined_at)
       values ('w', 'r', 'staging_songs', '${schema}', 'staging_songs', 1, 's3://x/y', 'forged', getdate())`,
    ],
  },
  {
    what: 'a table left behind',
    expects: 'leftover',
    sql: (schema) => [`create table ${schema}.wanted_songs (song_id varchar(64))`],
  },
];

/**
 * Proves that the checks can fail: after an undisturbed load they find nothing; with each damage they find what it is.
 * @returns a line for each
 * @throws Error naming the damage that went unnoticed, or what was found where nothing is wrong
 */
export async function selfTest(request: {
  readonly folder: string;
  readonly base: Environment;
  readonly sources: boolean;
  readonly samples: readonly Sample[];
  readonly say: (text: string) => void;
}): Promise<readonly string[]> {
  const { folder, base, sources, samples, say } = request;
  const bench = await FaultBench.start({ folder, base, sources, say });
  try {
    return await proveChecks(bench, samples);
  } finally {
    await bench.stop();
  }
}

/** The self-test on a bench that is up. */
export async function proveChecks(bench: FaultBench, samples: readonly Sample[]): Promise<readonly string[]> {
  const run = await loadUndisturbed(bench, samples);
  const lines: string[] = [];
  const expect = (what: string, expected: Trouble | undefined, findings: readonly Finding[]): void => {
    const troubles = [...new Set(findings.map(({ trouble }) => trouble))];
    const isRight = expected === undefined ? troubles.length === 0 : troubles.includes(expected);
    const found = findings.map(({ trouble, text }) => `${trouble}: ${text}`).join('\n  ');
    if (!isRight)
      throw new Error(`The checks are wrong about ${what}: expected ${expected ?? 'nothing'}, found\n  ${found}`);
    lines.push(`self-test: ${what} -> ${troubles.join(', ') || 'nothing found'}`);
  };
  await withWarehouse(bench.endpoint, async (sql) => {
    expect('an undisturbed load', undefined, await verifyRun(sql, run));
    for (const { what, expects, sql: damage } of DAMAGES) {
      expect(what, expects, await inRolledBack(sql, damage(run.schema), () => verifyRun(sql, run)));
    }
    const wrong = { ...run.result, tables: { ...run.result.tables, songs: -1 } };
    expect('a run that reports other counts', 'result', await verifyRun(sql, { ...run, result: wrong }));
    const leave = await WarehouseSql.connect(bench.endpoint);
    expect('a session left open', 'session', await verifyRun(sql, run));
    await leave.rows('begin');
    await leave.rows(`lock table ${run.schema}.songs`);
    // The lock would keep the checks from reading the table.
    expect('a lock left behind', 'lock', await openSessions(sql, SETTLE_MS));
    await leave.close();
  });
  expect('a reader of half a table', 'reader', await readHalf(bench, run));
  return lines;
}

/** Somebody reads while a row is missing for a moment. */
async function readHalf({ endpoint }: FaultBench, { schema, undisturbed }: EndedRun): Promise<readonly Finding[]> {
  const rows = sizeOf(undisturbed.get('songs'));
  const tables = new Map([['songs', { before: rows, after: rows, remade: false }]]);
  return withWarehouse(endpoint, async (sql) => {
    const reader = WatchingReader.start({ endpoint, schema, tables });
    await sql.rows(`create temp table saved as select * from ${schema}.songs`);
    await sql.rows(`delete from ${schema}.songs`);
    const deadline = Date.now() + READ_WITHIN_MS;
    const looks = reader.looks;
    while (reader.looks < looks + 2 && Date.now() < deadline) await delay(READ_EVERY_MS);
    await sql.rows(`insert into ${schema}.songs select * from saved`);
    return reader.stop();
  });
}

async function loadUndisturbed(bench: FaultBench, samples: readonly Sample[]): Promise<EndedRun> {
  const [sample] = samples;
  if (sample === undefined) throw new Error('there is no sample to load');
  const undisturbed = await bench.undisturbed(sample);
  await bench.bucket.replace(`${SCHEMA}/`, sample.files);
  const sourceUrl = `s3://${BUCKET}/${SCHEMA}/`;
  const input = { warehouse: WAREHOUSE, schema: SCHEMA, target: TARGET, source: { url: sourceUrl } };
  const result: RunResult = await bench.execute('buildWarehouse', { workflowId: 'faults-self-test', input });
  const { tables, prefixes } = bench.shape;
  const facts = { schema: SCHEMA, tables, prefixes, undisturbed, sourceUrl, files: sample.files };
  return { ...facts, result, settleMs: SETTLE_MS };
}

async function inRolledBack(
  sql: WarehouseSql,
  damage: readonly string[],
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  await sql.rows('begin');
  try {
    for (const statement of damage) await sql.rows(statement);
    return await check();
  } finally {
    await sql.rows('rollback');
  }
}
