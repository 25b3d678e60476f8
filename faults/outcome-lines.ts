import { formatDuration, formatTable } from '../src/cli/format.js';
import type { FaultOutcome } from './run-fault.js';
import { countOf } from './verify/finding.js';

/** One line for a run. */
export function outcomeLine(outcome: FaultOutcome): string {
  const { faultClass, seed, scenario, what, struck, attempts, parked, durationMs, findings } = outcome;
  const verdict = findings.length > 0 ? 'VIOLATION' : struck ? 'ok' : 'not struck';
  return [
    ...[verdict.padEnd(10), faultClass.padEnd(18), `seed ${String(seed).padEnd(10)}`, scenario.padEnd(21)],
    ...[`${attempts.attempts} attempts of ${attempts.activities} activities`, parked.length === 0 ? '' : 'parked'],
    ...[formatDuration(durationMs), `| ${what}`],
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** What was found, where the logs are, and the command that repeats the run; nothing for a run that was as it should be. */
export function violationLines({ faultClass, seed, findings, folder }: FaultOutcome, options: string): string[] {
  if (findings.length === 0) return [];
  return [
    ...findings.map(({ trouble, text }) => `    ${trouble}: ${text}`),
    `    logs: ${folder}`,
    `    repeat: npm run faults -- --class ${faultClass} --seed ${seed} --runs 1${options}`,
  ];
}

/** A row a class: runs that the fault struck, and what was found in all of them. */
export function outcomeTable(outcomes: readonly FaultOutcome[], classes: readonly string[]): string[] {
  const head = [
    'class',
    'runs',
    'fired',
    'parked',
    'lost',
    'duplicated',
    'sessions left',
    'locks left',
    'violations',
    'longest',
  ];
  const rows = classes.map((name) => {
    const runs = outcomes.filter(({ faultClass }) => faultClass === name);
    const findings = runs.flatMap((run) => run.findings);
    const numbers = [
      ...[
        runs.length,
        runs.filter(({ struck }) => struck).length,
        runs.filter(({ parked }) => parked.length > 0).length,
      ],
      ...(['lost', 'duplicated', 'session', 'lock'] as const).map((trouble) => countOf(findings, trouble)),
      runs.filter((run) => run.findings.length > 0).length,
    ];
    const longest = Math.max(0, ...runs.map(({ durationMs }) => durationMs));
    return [name, ...numbers.map(String), formatDuration(longest)];
  });
  return formatTable([head, ...rows], new Set(head.map((_, index) => index).slice(1)));
}
