import { guardTable } from '../../src/adapters/redshift/ledger/ledger-tables.js';
import type { RunProgress } from '../../src/domain/progress.js';
import { etagOf, type SourceFiles } from '../samples.js';
import { literal, type WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';
import type { ComparedTable } from './table-contents.js';

/** What the ledger has to say after the run. */
export interface LedgerQuestion {
  readonly schema: string;
  readonly tables: readonly ComparedTable[];
  /** `s3://bucket/prefix/` of the source. */
  readonly sourceUrl: string;
  readonly files: SourceFiles;
  /** Which folder of the source each staging table is loaded from. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly workflowId: string;
  readonly runId: string;
  readonly steps: RunProgress['steps'];
}

interface LoadedFile {
  readonly url: string;
  readonly etag: string | null;
  readonly loadNumber: number;
  readonly rows: number;
}

/** Files and rows of every staging table, the run's steps, and the quarantine. */
export async function ledgerBalance(sql: WarehouseSql, question: LedgerQuestion): Promise<readonly Finding[]> {
  const staging = question.tables.filter(({ role }) => role === 'staging').map(({ name }) => name);
  const findings: Finding[] = [];
  for (const table of staging) findings.push(...(await stagingBalance(sql, question, table)));
  findings.push(...(await stepsRecorded(sql, question)), ...(await quarantined(sql, question)));
  return findings;
}

async function stagingBalance(
  sql: WarehouseSql,
  { schema, sourceUrl, files, prefixes }: LedgerQuestion,
  table: string,
): Promise<readonly Finding[]> {
  const { current, base } = await currentFiles(sql, { schema, table });
  const wanted = [...files].filter(([key]) => key.startsWith(prefixes[table] ?? ''));
  return [
    ...filesOnce({
      table,
      current,
      wanted: new Map(wanted.map(([key, body]) => [`${sourceUrl}${key}`, etagOf(body)])),
    }),
    ...(await rowsBalance(sql, { schema, table, current, base })),
  ];
}

/** Per URL the row with the greatest load number since the last full load; all of them where a number comes twice. */
async function currentFiles(
  sql: WarehouseSql,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<{ readonly current: readonly LoadedFile[]; readonly base: number }> {
  const isTable = `table_schema = ${literal(schema)} and table_name = ${literal(table)}`;
  const [full] = await sql.rows(
    `select max(load_number) from starshift.load_steps where ${isTable} and change = 'full'`,
  );
  const base = Number(full?.[0] ?? 0);
  const rows = await sql.rows(
    `select url, etag, load_number, row_count from starshift.load_files where ${isTable} and load_number >= ${base}`,
  );
  const files = rows.map(([url, etag, loadNumber, count]) => ({
    ...{ url: String(url), etag: etag ?? null, loadNumber: Number(loadNumber), rows: Number(count) },
  }));
  const latest = new Map<string, number>();
  for (const { url, loadNumber } of files) latest.set(url, Math.max(latest.get(url) ?? 0, loadNumber));
  return { current: files.filter(({ url, loadNumber }) => latest.get(url) === loadNumber), base };
}

function filesOnce(request: {
  readonly table: string;
  readonly current: readonly LoadedFile[];
  readonly wanted: ReadonlyMap<string, string>;
}): readonly Finding[] {
  const { table, current, wanted } = request;
  const counts = new Map<string, number>();
  for (const { url } of current) counts.set(url, (counts.get(url) ?? 0) + 1);
  const problems = [
    ...[...wanted.keys()].filter((url) => !counts.has(url)).map((url) => `${url} is not in it`),
    ...[...counts].filter(([, count]) => count > 1).map(([url, count]) => `${url} is in it ${count} times`),
    ...[...counts.keys()].filter((url) => !wanted.has(url)).map((url) => `${url} is in it and not in the source`),
    ...current
      .filter(({ url, etag }) => wanted.has(url) && wanted.get(url) !== etag)
      .map(({ url, etag }) => `${url} is in it with ETag ${etag} instead of ${wanted.get(url)}`),
  ];
  if (problems.length === 0) return [];
  return [{ trouble: 'ledger', count: problems.length, text: `files of ${table} in load_files: ${problems[0]}` }];
}

/** Rows of the files of each load against the rows that carry its number; those of the last full load carry none. */
async function rowsBalance(
  sql: WarehouseSql,
  request: {
    readonly schema: string;
    readonly table: string;
    readonly current: readonly LoadedFile[];
    readonly base: number;
  },
): Promise<readonly Finding[]> {
  const { schema, table, current, base } = request;
  const counted = await sql.rows(
    `select starshift_load, count(*) from ${schema}.${table} group by starshift_load order by 1`,
  );
  const held = new Map(counted.map(([load, count]) => [load === null ? base : Number(load), Number(count)]));
  const recorded = new Map<number, number>();
  for (const { loadNumber, rows } of current) recorded.set(loadNumber, (recorded.get(loadNumber) ?? 0) + rows);
  const loads = [...new Set([...held.keys(), ...recorded.keys()])];
  const wrong = loads.filter((load) => (held.get(load) ?? 0) !== (recorded.get(load) ?? 0));
  return wrong.map((load) => ({
    trouble: 'ledger' as const,
    count: 1,
    text: `load ${load} of ${table}: the table holds ${held.get(load) ?? 0} rows, load_files says ${recorded.get(load) ?? 0}`,
  }));
}

/** Every COPY and every INSERT of the run stands once in load_steps, and once in its target's guard. */
async function stepsRecorded(sql: WarehouseSql, question: LedgerQuestion): Promise<readonly Finding[]> {
  const { schema, workflowId, runId, steps } = question;
  const isRun = `workflow_id = ${literal(workflowId)} and run_id = ${literal(runId)}`;
  const rows = await sql.rows(
    `select step, row_count, file_count from starshift.load_steps where ${isRun} and kind in ('stage', 'transform')`,
  );
  const findings: Finding[] = [];
  const wrong = (text: string): void => void findings.push({ trouble: 'ledger', count: 1, text });
  for (const step of steps.filter(({ kind }) => kind === 'stage' || kind === 'transform')) {
    const found = rows.filter(([name]) => name === step.id);
    if (found.length !== 1) wrong(`step ${step.id} of the run is ${found.length} times in load_steps`);
    else if (Number(found[0]?.[1]) !== step.rows) {
      wrong(`step ${step.id} reports ${step.rows} rows, load_steps says ${found[0]?.[1]}`);
    }
    const guards = await sql.rows(
      `select count(*) from starshift.${guardTable({ schema, table: step.id })} where ${isRun} and step = ${literal(step.id)}`,
    );
    if (guards[0]?.[0] !== '1') wrong(`step ${step.id} of the run is ${guards[0]?.[0]} times in its guard`);
  }
  return findings;
}

async function quarantined(sql: WarehouseSql, { schema }: LedgerQuestion): Promise<readonly Finding[]> {
  const rows = await sql.rows(
    `select table_name, url, reason from starshift.quarantine where table_schema = ${literal(schema)}`,
  );
  if (rows.length === 0) return [];
  const [table, url, reason] = rows[0] ?? [];
  const text = `${rows.length} entries in quarantine, for example ${url} of ${table}: ${reason}`;
  return [{ trouble: 'quarantine', count: rows.length, text }];
}
