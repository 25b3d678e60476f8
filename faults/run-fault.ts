import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guardTable } from '../src/adapters/redshift/ledger/ledger-tables.js';
import { type CarriedRun, carryRun } from './carry-run.js';
import { type FaultBench, TARGET } from './fault-bench.js';
import type { ArmedFault, FaultClass, PlannedFault } from './fault-class.js';
import { type AttemptFacts, readAttempts } from './run-history.js';
import type { Sample } from './samples.js';
import { drawScenario, type Scenario, type ScenarioKind } from './scenario.js';
import { randomFor, type Seed } from './seeds.js';
import { BUCKET } from './source-bucket.js';
import type { Finding } from './verify/finding.js';
import { type Contents, type Multiset, readContents, sizeOf } from './verify/table-contents.js';
import { verifyRun } from './verify/verify-run.js';
import { WatchingReader } from './verify/watching-reader.js';
import { WAREHOUSE } from './warehouse-shape.js';
import { withWarehouse } from './warehouse-sql.js';

/** One run to disturb. */
export interface FaultRun {
  readonly faultClass: FaultClass;
  readonly seed: Seed;
  readonly samples: readonly Sample[];
  readonly kinds: readonly ScenarioKind[];
}

/** What became of it. */
export interface FaultOutcome {
  readonly faultClass: string;
  readonly seed: Seed;
  readonly scenario: string;
  readonly what: string;
  readonly struck: boolean;
  readonly attempts: AttemptFacts;
  readonly parked: readonly string[];
  readonly durationMs: number;
  readonly findings: readonly Finding[];
  /** Where the logs are; only of runs with findings. */
  readonly folder?: string;
}

interface PreparedRun extends FaultRun {
  readonly bench: FaultBench;
  readonly scenario: Scenario;
  readonly fault: PlannedFault;
  /** Names the schema, the workflow and the folder of the source. */
  readonly name: string;
}

/** Long enough for all attempts of a step, whose waits come to two minutes, and as much again after an answer. */
const RUN_WITHIN_MS = 300_000;

let runs = 0;

/** Prepares the tables, starts the run, disturbs it, brings it to its end and verifies what is left. */
export async function runFault(bench: FaultBench, run: FaultRun, keepIn: string): Promise<FaultOutcome> {
  const { faultClass, seed, samples, kinds } = run;
  runs += 1;
  const scenario = drawScenario(randomFor({ faultClass: faultClass.name, seed }, 'scenario'), { samples, kinds });
  const random = randomFor({ faultClass: faultClass.name, seed }, 'fault');
  const fault = faultClass.plan({ random, scenario, shape: bench.shape });
  const prepared = { ...run, bench, scenario, fault, name: `${faultClass.name}_${seed}_${runs}`.toLowerCase() };
  const undisturbed = await bench.undisturbed(scenario.sample);
  await prepareTables(prepared);
  const reader = await startReader(prepared, undisturbed);
  const startedAt = performance.now();
  const { carried, armed } = await disturb(prepared).finally(() => reader.stop());
  const durationMs = performance.now() - startedAt;
  const attempts = await readAttempts(bench.client, workflowIdOf(prepared));
  const evidence = { failures: [...attempts.failures, ...carried.parked] };
  const findings = [
    ...runFindings(prepared, carried),
    ...(await reader.stop()),
    ...(await leftByRun(prepared, carried, undisturbed)),
  ];
  const outcome = {
    ...{ faultClass: faultClass.name, seed, scenario: `${scenario.kind}/${scenario.sample.name}`, what: fault.what },
    ...{ struck: armed.struck(evidence), attempts, parked: carried.parked, durationMs, findings },
  };
  return findings.length === 0 ? cleanUp(prepared, outcome) : keep(prepared, outcome, keepIn);
}

function workflowIdOf({ name }: PreparedRun): string {
  return `faults-${name}`;
}

function sourceUrlOf({ name }: PreparedRun): string {
  return `s3://${BUCKET}/${name}/`;
}

function inputOf(run: PreparedRun, mode?: string): object {
  return {
    ...{ warehouse: WAREHOUSE, schema: run.name, target: TARGET, source: { url: sourceUrlOf(run) } },
    ...(mode === undefined ? run.scenario.input : { mode }),
  };
}

/** The tables as the run is to find them, by undisturbed loads; then the source as it is to find it. */
async function prepareTables(run: PreparedRun): Promise<void> {
  const { bench, name, scenario } = run;
  if (scenario.workflow === 'loadWarehouse' || scenario.earlier.length > 0) {
    const input = { warehouse: WAREHOUSE, schema: name, target: TARGET };
    await bench.execute('createTables', { workflowId: `faults-create-${name}`, input });
  }
  let before: ReadonlyMap<string, Buffer> = new Map();
  for (const [index, { files, mode }] of scenario.earlier.entries()) {
    await bench.bucket.replace(`${name}/`, files, before);
    before = files;
    await bench.execute('loadWarehouse', {
      workflowId: `faults-earlier-${index}-${name}`,
      input: inputOf(run, mode),
    });
  }
  await bench.bucket.replace(`${name}/`, scenario.sample.files, before);
}

/** Somebody reads the tables from before the run until after it. */
async function startReader(run: PreparedRun, undisturbed: Contents): Promise<WatchingReader> {
  const { bench, name: schema, scenario } = run;
  const { tables } = bench.shape;
  const isThere = scenario.workflow === 'loadWarehouse' || scenario.earlier.length > 0;
  const before = isThere
    ? await withWarehouse(bench.endpoint, (sql) => readContents(sql, { schema, tables }))
    : new Map<string, Multiset>();
  const remade = scenario.workflow === 'buildWarehouse';
  const rows = tables.map(({ name }) => {
    return [name, { before: sizeOf(before.get(name)), after: sizeOf(undisturbed.get(name)), remade }] as const;
  });
  return WatchingReader.start({ endpoint: bench.endpoint, schema, tables: new Map(rows) });
}

async function disturb(run: PreparedRun): Promise<{ readonly carried: CarriedRun; readonly armed: ArmedFault }> {
  const { bench, name, fault, scenario } = run;
  const workflowId = workflowIdOf(run);
  let open = true;
  const armed = await fault.arm({ bench, workflowId, prefix: `${name}/`, isOpen: () => open });
  try {
    const { taskQueue } = bench;
    await bench.client.workflow.start(scenario.workflow, { workflowId, taskQueue, args: [inputOf(run)] });
    const carried = await carryRun({ client: () => bench.client, workflowId, fault: armed, withinMs: RUN_WITHIN_MS });
    return { carried, armed };
  } finally {
    open = false;
    await armed.settle();
    await bench.reset();
  }
}

function runFindings({ fault }: PreparedRun, { problem, parked }: CarriedRun): readonly Finding[] {
  const unexpected = fault.mayPark ? undefined : parked[0];
  return [
    ...(problem === undefined ? [] : [{ trouble: 'run' as const, count: 1, text: problem }]),
    ...(unexpected === undefined
      ? []
      : [{ trouble: 'run' as const, count: parked.length, text: `parked, though the fault passed: ${unexpected}` }]),
  ];
}

async function leftByRun(run: PreparedRun, { result }: CarriedRun, undisturbed: Contents): Promise<readonly Finding[]> {
  if (result === undefined) return [];
  const { bench, name: schema, scenario } = run;
  const { tables, prefixes } = bench.shape;
  const facts = { schema, tables, prefixes, undisturbed, files: scenario.sample.files, result };
  return withWarehouse(bench.endpoint, (sql) => verifyRun(sql, { ...facts, sourceUrl: sourceUrlOf(run) }));
}

/** A run that left everything as it should be leaves nothing else. */
async function cleanUp({ bench, name, scenario }: PreparedRun, outcome: FaultOutcome): Promise<FaultOutcome> {
  const { tables } = bench.shape;
  await withWarehouse(bench.endpoint, async (sql) => {
    await sql.rows(`drop schema ${name} cascade`);
    for (const table of tables)
      await sql.rows(`drop table starshift.${guardTable({ schema: name, table: table.name })}`);
  });
  await bench.bucket.replace(`${name}/`, new Map(), scenario.sample.files);
  return outcome;
}

/** Logs of the servers and the worker, the history and what was found, beside each other. */
async function keep(run: PreparedRun, outcome: FaultOutcome, keepIn: string): Promise<FaultOutcome> {
  const folder = join(keepIn, `${outcome.faultClass}-${outcome.seed}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(run.bench.servers.logsFolder, join(folder, 'logs'), { recursive: true });
  const history = await run.bench.client.workflow.getHandle(workflowIdOf(run)).fetchHistory();
  await writeFile(join(folder, 'history.json'), JSON.stringify(history, null, 1));
  await writeFile(join(folder, 'outcome.json'), `${JSON.stringify({ ...outcome, schema: run.name }, null, 2)}\n`);
  return { ...outcome, folder };
}
