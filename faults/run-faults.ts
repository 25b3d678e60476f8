import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { formatDuration } from '../src/cli/format.js';
import { processEnvironment, readConfig, silenceSdkWarnings } from '../src/config.js';
import { FAULT_CLASSES, findFaultClass } from './fault-classes.js';
import { runMatrix } from './fault-matrix.js';
import { outcomeLine, outcomeTable, violationLines } from './outcome-lines.js';
import type { FaultOutcome } from './run-fault.js';
import { loadSamples } from './samples.js';
import { SCENARIOS, type ScenarioKind } from './scenario.js';
import { selfTest } from './self-test.js';

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly class: readonly string[];
  readonly scenario: readonly ScenarioKind[];
  readonly jobs: number;
  readonly folder?: string;
  readonly sources: boolean;
  readonly selfTest: boolean;
}

await new Command('faults')
  .description('Breaks things under real loads and checks that every row is there once.')
  .option('--runs <n>', 'runs of each class', wholeNumber, 1)
  .option('--seed <n>', 'decides about everything that is left to chance', wholeNumber, Date.now() % 2 ** 32)
  .option('--class <names>', `of ${FAULT_CLASSES.map(({ name }) => name).join(', ')}`, names, [])
  .option('--scenario <kinds>', `of ${SCENARIOS.join(', ')}`, scenarios, SCENARIOS)
  .option('--jobs <n>', 'stacks side by side', wholeNumber, 2)
  .option('--folder <dir>', 'state and logs (default: faults/ in the state folder)')
  .option('--sources', 'run the worker from src/ instead of dist/', false)
  .option('--no-self-test', 'do not first prove that the checks can fail')
  .action(main)
  .parseAsync();

async function main(options: Options): Promise<void> {
  silenceSdkWarnings();
  const base = processEnvironment();
  const folder = options.folder ?? join(readConfig(base).stateDir, 'faults');
  const classes = options.class.length === 0 ? FAULT_CLASSES : options.class.map(findFaultClass);
  const { runs, seed, jobs, scenario: kinds, sources } = options;
  const samples = await loadSamples(folder, base);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  say(
    `seed ${seed}, ${runs} runs of each of ${classes.length} classes, samples: ${samples.map(({ name }) => name).join(', ')}`,
  );
  const startedAt = performance.now();
  const checks = options.selfTest
    ? await selfTest({ folder: join(folder, 'self-test'), base, sources, samples, say })
    : [];
  for (const line of checks) say(line);
  const repeat = kinds.length === SCENARIOS.length ? '' : ` --scenario ${kinds.join(',')}`;
  const outcomes = await runMatrix({
    ...{ classes, runs, seed, jobs, kinds, samples, folder, base, sources, say },
    onOutcome: (outcome) => {
      for (const line of [outcomeLine(outcome), ...violationLines(outcome, repeat)]) process.stdout.write(`${line}\n`);
    },
  });
  const table = outcomeTable(
    outcomes,
    classes.map(({ name }) => name),
  );
  process.stdout.write(`\n${table.join('\n')}\n\n`);
  const failed = problems({ outcomes, classes: classes.map(({ name }) => name), runs });
  for (const line of failed) process.stdout.write(`${line}\n`);
  process.stdout.write(`${outcomes.length} runs in ${formatDuration(performance.now() - startedAt)}, seed ${seed}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function problems(request: {
  readonly outcomes: readonly FaultOutcome[];
  readonly classes: readonly string[];
  readonly runs: number;
}): string[] {
  const { outcomes, classes, runs } = request;
  const violations = outcomes.filter(({ findings }) => findings.length > 0).length;
  const short = classes.flatMap((name) => {
    const struck = outcomes.filter((outcome) => outcome.faultClass === name && outcome.struck).length;
    return struck < runs ? [`${name}: the fault struck in ${struck} of ${runs} runs`] : [];
  });
  return [...(violations === 0 ? [] : [`${violations} runs with violations`]), ...short];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new InvalidArgumentError('It is a whole number below 4294967296.');
}

function names(text: string): readonly string[] {
  const list = text.split(',').map((name) => name.trim());
  const known = new Set(FAULT_CLASSES.map(({ name }) => name));
  const unknown = list.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`Unknown: ${unknown.join(', ')}. There are ${[...known].join(', ')}.`);
  return list;
}

function scenarios(text: string): readonly ScenarioKind[] {
  const list = text.split(',').map((name) => name.trim());
  const unknown = list.filter((name) => !SCENARIOS.some((kind) => kind === name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`Unknown: ${unknown.join(', ')}. There are ${SCENARIOS.join(', ')}.`);
  return SCENARIOS.filter((kind) => list.includes(kind));
}
