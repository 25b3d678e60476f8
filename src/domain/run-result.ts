import type { CheckResult } from './facts.js';
import { skippedSteps } from './notification.js';
import type { RunProgress, RunResult, StepProgress } from './progress.js';

/** What is known at the end of a run that completed. */
export interface RunEnd {
  readonly progress: RunProgress;
  readonly status: RunResult['status'];
  readonly runId: string;
  readonly tables: Readonly<Record<string, number>>;
  /** By the id of their step. */
  readonly checks: ReadonlyMap<string, CheckResult>;
  readonly durationMs: number;
}

/** The result of a run. */
export function runResult({ progress, status, runId, tables, checks, durationMs }: RunEnd): RunResult {
  const { workflow, workflowId, warehouse, design, cluster, steps } = progress;
  const sum = (countOf: (step: StepProgress) => number | undefined) =>
    steps.reduce((total, step) => total + (countOf(step) ?? 0), 0);
  return {
    status,
    workflow,
    workflowId,
    runId,
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(design === undefined ? {} : { design }),
    cluster,
    tables,
    // Not in the order in which they happened to end.
    checks: steps.flatMap((step) => checks.get(step.id) ?? []),
    steps,
    rejectedRows: sum((step) => step.rejectedRows),
    quarantinedFiles: sum((step) => step.quarantinedFiles),
    ...(status === 'completedWithSkips' ? { skipped: skippedSteps(steps) } : {}),
    durationMs,
  };
}
