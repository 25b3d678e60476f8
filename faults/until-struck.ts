import type { FaultBench } from './fault-bench.js';
import { type FaultOutcome, type FaultRun, runFault } from './run-fault.js';
import { nextSeed } from './seeds.js';

/** A fault that strikes in none of so many runs is drawn wrongly. */
const MOST_MISSES = 12;

/**
 * Disturbs runs until the fault strikes or something is found: a run that its fault missed proves nothing, and another seed takes its
 * place. The bench is asked for before each run.
 * @param request.keepIn where the logs of a run with findings go
 * @returns every run, the misses too; the last one counts
 */
export async function runUntilStruck(
  bench: () => Promise<FaultBench>,
  request: FaultRun & { readonly keepIn: string; readonly onOutcome?: (outcome: FaultOutcome) => void },
): Promise<readonly FaultOutcome[]> {
  const { keepIn, onOutcome, ...run } = request;
  const outcomes: FaultOutcome[] = [];
  for (let attempt = 0, seed = run.seed; attempt < MOST_MISSES; attempt += 1, seed = nextSeed(seed)) {
    const outcome = await runFault(await bench(), { ...run, seed }, keepIn);
    outcomes.push(outcome);
    onOutcome?.(outcome);
    if (outcome.struck || outcome.findings.length > 0) break;
  }
  return outcomes;
}
