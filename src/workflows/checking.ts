import type { WarehouseScope } from '../activities/activities.js';
import { FAILURES } from '../domain/failure.js';
import type { CheckPlan } from '../domain/plan.js';
import { checkFailureText, checkStepId, checkWarningText } from '../domain/step-titles.js';
import { terminalFailure } from './failure-text.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step, StepFacts } from './step.js';

/**
 * A step for each check. A failed check of severity error fails its step, so it parks like any other: retry after mending the
 * data, or skip to accept. One of severity warning is only reported.
 */
export function checkSteps(run: Run, checks: readonly CheckPlan[], scope: WarehouseScope): readonly Step[] {
  return checks.map((check) => ({
    id: checkStepId(check),
    kind: 'check',
    title: `CHECK ${check.title}`,
    needs: [],
    work: () => runCheck(run, check, scope),
  }));
}

async function runCheck(run: Run, check: CheckPlan, scope: WarehouseScope): Promise<StepFacts> {
  const result = await activity('runCheck', `CHECK ${check.title}`)({ ...scope, check: check.id });
  run.recordCheck(result);
  if (result.passed) return {};
  if (result.severity === 'warning') return { note: checkWarningText(result) };
  throw terminalFailure(FAILURES.checkFailed.type, checkFailureText(result));
}
