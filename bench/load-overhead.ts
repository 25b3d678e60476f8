import { join } from 'node:path';
import { Command } from 'commander';
import { openWarehouseFolders } from '../src/adapters/warehouse/warehouse-folder.js';
import { formatCount, formatTable } from '../src/cli/format.js';
import { processEnvironment, readConfig, silenceSdkWarnings } from '../src/config.js';
import type { RunResult } from '../src/domain/progress.js';
import { uploadFolder } from '../src/local-stack/upload-folder.js';
import { uploadRecordPath } from '../src/local-stack/upload-record.js';
import { generateSample } from '../src/sample/generate-sample.js';
import { type BenchStack, CLUSTER, PASSWORD_VARIABLE, startBenchStack, TARGET } from './bench-stack.js';
import { directStatements, runDirect } from './direct-load.js';
import { type LedgerCost, ledgerCost } from './ledger-cost.js';

interface Size {
  readonly name: string;
  readonly events: number;
  readonly songs: number;
  readonly repetitions: number;
}

/** One size, measured: milliseconds of each pair. */
interface Measured {
  readonly size: Size;
  readonly starshiftMs: readonly number[];
  readonly directMs: readonly number[];
  /** Of the last load. */
  readonly ledger: LedgerCost;
}

const SIZES: readonly Size[] = [
  { name: 'small', events: 8_000, songs: 100, repetitions: 7 },
  { name: 'large', events: 1_000_000, songs: 100_000, repetitions: 3 },
];
const BUCKET = 'bench';
/** What the README promises. */
const MAX_RATIO_LARGE = 1.1;
const MAX_ADDED_SMALL_MS = 2_000;
const MAX_LEDGER_SHARE_LARGE = 0.05;

await new Command('bench')
  .description('Compares loadWarehouse with the same SQL sent by one pg client, statement after statement.')
  .option('--only <size>', 'small or large')
  .option('--repetitions <n>', 'pairs for each size')
  .option('--json', 'print the measured times as one JSON document on stdout', false)
  .action(main)
  .parseAsync();

async function main(options: { readonly only?: string; readonly repetitions?: string; readonly json: boolean }) {
  silenceSdkWarnings();
  const environment = processEnvironment();
  const config = readConfig(environment);
  const folder = join(config.stateDir, 'bench');
  const sizes = SIZES.filter(({ name }) => options.only === undefined || options.only === name).map((size) =>
    options.repetitions === undefined ? size : { ...size, repetitions: Number(options.repetitions) },
  );
  const bench = await startBenchStack({ folder, base: environment, say });
  const measured: Measured[] = [];
  try {
    for (const size of sizes)
      measured.push(await measure({ bench, size, folder, warehousesDir: config.warehousesDir }));
  } finally {
    await bench.stop();
  }
  if (options.json) process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
  else process.stdout.write(`${report(measured).join('\n')}\n`);
  process.exitCode = measured.every(isWithinTarget) ? 0 : 1;
}

/** Pairs, the order alternating, so that a machine that grows slower or warmer favours neither. */
async function measure(context: {
  readonly bench: BenchStack;
  readonly size: Size;
  readonly folder: string;
  readonly warehousesDir: string;
}): Promise<Measured> {
  const { bench, size, folder, warehousesDir } = context;
  const sourceUrl = await prepareData(bench, size, folder);
  const warehouse = await openWarehouseFolders(warehousesDir).load('sparkify');
  await run(bench, 'buildWarehouse', {
    ...{ warehouse: 'sparkify', source: { url: sourceUrl }, recreate: true, onFailure: 'fail' },
    cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } },
  });
  const statements = await directStatements({ bench, warehouse, sourceUrl });
  const input = { warehouse: 'sparkify', source: { url: sourceUrl }, target: TARGET, onFailure: 'fail' };
  let last = '';
  const sides = {
    starshift: async () => {
      const { ms, result } = await run(bench, 'loadWarehouse', input);
      last = result.workflowId;
      return ms;
    },
    direct: () => runDirect(bench, statements),
  };
  const times = { starshift: [] as number[], direct: [] as number[] };
  for (let pair = 0; pair < size.repetitions; pair += 1) {
    for (const side of pair % 2 === 0 ? (['starshift', 'direct'] as const) : (['direct', 'starshift'] as const)) {
      times[side].push(await sides[side]());
    }
    say(
      `${size.name} ${pair + 1}/${size.repetitions}: ${times.starshift.at(-1)?.toFixed(0)} ms, direct ${times.direct.at(-1)?.toFixed(0)} ms`,
    );
  }
  return {
    ...{ size, starshiftMs: times.starshift, directMs: times.direct },
    ledger: await ledgerCost(bench, last),
  };
}

async function prepareData(bench: BenchStack, size: Size, folder: string): Promise<string> {
  const dir = join(folder, `sample-${size.name}`);
  say(`${size.name}: ${formatCount(size.events)} events, ${formatCount(size.songs)} songs`);
  await generateSample({ events: size.events, songs: size.songs, outDir: dir, force: true });
  const { s3, stateDir } = bench.stack;
  const recordFile = uploadRecordPath(stateDir);
  await uploadFolder({ dir, source: dir, bucket: BUCKET, prefix: `${size.name}/`, s3, recordFile });
  return `s3://${BUCKET}/${size.name}/`;
}

/** From the start of the workflow to its result, as a client sees it. */
async function run(
  bench: BenchStack,
  type: string,
  input: object,
): Promise<{ readonly ms: number; readonly result: RunResult }> {
  const startedAt = performance.now();
  const workflowId = `bench-${type}-${Date.now()}`;
  const result = (await bench.client.workflow.execute(type, {
    ...{ workflowId, taskQueue: bench.taskQueue, args: [input] },
  })) as RunResult;
  return { ms: performance.now() - startedAt, result };
}

function report(measured: readonly Measured[]): string[] {
  const head = ['', 'loadWarehouse', '', 'same SQL by pg', '', 'ratio', '', 'added'];
  const sub = ['', 'min', 'median', 'min', 'median', 'min', 'median', 'median'];
  const rows = measured.map(({ size, starshiftMs, directMs }) => {
    const [ours, theirs] = [stats(starshiftMs), stats(directMs)];
    return [
      `${size.name} (${formatCount(size.events)} events, ${formatCount(size.songs)} songs, ${size.repetitions} pairs)`,
      ...[ours.min, ours.median, theirs.min, theirs.median].map(seconds),
      (ours.min / theirs.min).toFixed(2),
      (ours.median / theirs.median).toFixed(2),
      seconds(ours.median - theirs.median),
    ];
  });
  const ledger = measured.map((one) => {
    const { statements, ledgerMs, ledgerRows } = one.ledger;
    const share = `${ledgerMs.toFixed(0)} ms of the last load (${(100 * ledgerShare(one)).toFixed(1)} %)`;
    return `${one.size.name}: the ledger took ${statements} statements and ${share}, and keeps ${ledgerRows} rows of it`;
  });
  return [...formatTable([head, sub, ...rows], new Set([1, 2, 3, 4, 5, 6, 7])), ...ledger];
}

function isWithinTarget(measured: Measured): boolean {
  const { size, starshiftMs, directMs } = measured;
  const [ours, theirs] = [stats(starshiftMs).median, stats(directMs).median];
  if (size.name === 'small') return ours - theirs <= MAX_ADDED_SMALL_MS;
  return ours / theirs <= MAX_RATIO_LARGE && ledgerShare(measured) <= MAX_LEDGER_SHARE_LARGE;
}

/** Time of the ledger's statements, as if nothing ran beside them, in that of the last load. */
function ledgerShare({ ledger, starshiftMs }: Measured): number {
  return ledger.ledgerMs / (starshiftMs.at(-1) ?? Number.NaN);
}

function stats(values: readonly number[]): { readonly min: number; readonly median: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { min: sorted[0] ?? Number.NaN, median };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
