import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultBench } from '../../faults/fault-bench.js';
import { loadSamples, type Sample } from '../../faults/samples.js';
import { silenceSdkWarnings } from '../../src/config.js';

/** A stack to break, and the data that it loads. */
export interface BrokenStack {
  readonly bench: FaultBench;
  readonly samples: readonly Sample[];
  /** Where the logs of runs with findings are kept; it stays. */
  readonly keepIn: string;
}

let started: Promise<BrokenStack> | undefined;

/** The one stack of the tests in this folder, started at the first call and stopped after the last test. */
export function getBrokenStack(): Promise<BrokenStack> {
  started ??= start();
  return started;
}

async function start(): Promise<BrokenStack> {
  silenceSdkWarnings();
  const folder = await mkdtemp(join(tmpdir(), 'starshift-faults-'));
  // The generated sample does: whatever a run costs here, every change of the project pays.
  const samples = (await loadSamples(folder, process.env)).slice(0, 1);
  const say = (text: string): void => void process.stderr.write(`  ${text}\n`);
  const bench = await FaultBench.start({ folder: join(folder, 'stack'), base: process.env, sources: true, say });
  return { bench, samples, keepIn: join(folder, 'violations') };
}

after('stops the broken stack', async function () {
  this.timeout(60_000);
  if (started === undefined) return;
  const { bench, keepIn } = await started;
  await bench.stop();
  await rm(join(keepIn, '../stack'), { recursive: true, force: true });
});
