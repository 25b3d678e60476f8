import type { WarehouseScope } from '../activities/activities.js';
import type { Source } from '../domain/input.js';
import type { LoadStepPlan, StagePlan, TransformPlan } from '../domain/plan.js';
import { count, loadStepTitle, STEP_IDS } from '../domain/step-titles.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step, StepFacts, StepTry } from './step.js';

export interface LoadOptions {
  readonly scope: WarehouseScope;
  readonly source: Source;
  readonly maxErrors: number;
}

/** A step for each COPY and each INSERT of the plan, in the plan's order. */
export function loadSteps(plan: readonly LoadStepPlan[], options: LoadOptions): readonly Step[] {
  return plan.map((step) => ({
    id: step.id,
    kind: step.kind,
    title: loadStepTitle(step),
    needs: step.needs,
    work: (attempt) => (step.kind === 'stage' ? stage(step, options, attempt) : transform(step, options)),
  }));
}

/** The step that counts what the tables hold at the end. */
export function countSteps(run: Run, scope: WarehouseScope): readonly Step[] {
  const title = `COUNT ROWS of ${scope.warehouse}`;
  const work = async () => {
    const tables = await activity('countRows', title)(scope);
    run.recordTables(tables);
    return { note: count(Object.keys(tables).length, 'table') };
  };
  return [{ id: STEP_IDS.countRows, kind: 'count', title, needs: [], work }];
}

/** Lists anew on every try: whoever mended a file has changed what the manifest pins. */
async function stage(step: StagePlan, options: LoadOptions, attempt: StepTry): Promise<StepFacts> {
  const { scope, source } = options;
  const list = activity('listSource', `LIST ${step.url}`);
  const listing = await list({
    warehouse: scope.warehouse,
    source,
    sourceName: step.source,
    step: step.id,
    exclude: attempt.exclude,
  });
  const title = loadStepTitle(step, listing.files);
  attempt.retitle(title);
  const facts = await activity(
    'copyBatch',
    title,
  )({
    ...scope,
    source,
    sourceName: step.source,
    table: step.table,
    step: step.id,
    listing,
    maxErrors: attempt.maxErrors ?? options.maxErrors,
  });
  const { rows, files, sizeBytes, rejectedRows } = facts;
  const left = attempt.exclude.length === 0 ? undefined : `${count(attempt.exclude.length, 'file')} left out`;
  return { rows, files, sizeBytes, rejectedRows, note: facts.alreadyDone ? 'was committed before' : left };
}

async function transform(step: TransformPlan, { scope }: LoadOptions): Promise<StepFacts> {
  const { id, table, reads } = step;
  const facts = await activity('transformTable', loadStepTitle(step))({ ...scope, step: id, table, reads });
  return { rows: facts.rows, note: facts.alreadyDone ? 'was committed before' : undefined };
}
