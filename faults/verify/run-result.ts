import type { RunResult } from '../../src/domain/progress.js';
import type { Finding } from './finding.js';
import { type Contents, sizeOf } from './table-contents.js';

/** What the run says it did, against what the tables hold. */
export function runResult(result: RunResult, contents: Contents): readonly Finding[] {
  const problems = [
    ...(result.status === 'completed' ? [] : [`the run ended as ${result.status}`]),
    ...(result.rejectedRows === 0 ? [] : [`the run reports ${result.rejectedRows} rejected rows`]),
    ...[...contents].flatMap(([table, rows]) =>
      result.tables[table] === sizeOf(rows)
        ? []
        : [`the run reports ${result.tables[table]} rows of ${table}, the table holds ${sizeOf(rows)}`],
    ),
    ...result.steps.filter(({ state }) => state !== 'done').map(({ id, state }) => `step ${id} ended as ${state}`),
  ];
  return problems.map((text) => ({ trouble: 'result', count: 1, text }));
}
