import { levels } from '../../domain/dag.js';
import type { LoadStepPlan, StagePlan, WarehousePlan } from '../../domain/plan.js';
import type { CopySpec, PlanRequest, Warehouse } from './warehouse.js';

export interface DescribePlanRequest extends PlanRequest {
  /** The COPY that a stage step would run; made by the builder that the step itself uses. */
  readonly copyStatement: (step: StagePlan, spec: CopySpec) => string;
}

/**
 * What a run would do, as text: the DAG, then the exact SQL in the order of execution. Runs nothing and needs no network.
 * @throws InvalidWarehouseError when there is no such design
 */
export function describePlan(warehouse: Warehouse, { copyStatement, ...request }: DescribePlanRequest): string {
  const plan = warehouse.plan(request);
  const sections = [
    describeHead(warehouse, plan),
    describeDag(plan),
    ...warehouse.createStatements(plan.design).map(({ table, sql }) => section(`create ${plan.schema}.${table}`, sql)),
    ...plan.load.flatMap((step) => describeStep({ warehouse, plan, step, copyStatement })),
    ...plan.checks.map(({ id, title, severity }) =>
      section(`check ${id} (${severity}): ${title}`, warehouse.check(id).sql),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function describeHead(warehouse: Warehouse, plan: WarehousePlan): string {
  const design = warehouse.designs.find(({ name }) => name === plan.design);
  return [
    `-- warehouse ${plan.warehouse}, revision ${plan.revision}: ${warehouse.title}`,
    `-- design ${plan.design}: ${design?.title ?? ''}`,
    `-- schema ${plan.schema}`,
  ].join('\n');
}

/** A level a line: the steps of one level run side by side. */
function describeDag(plan: WarehousePlan): string {
  const lines = levels(plan.load).flatMap((wave, index) => [
    `-- level ${index + 1}`,
    ...wave.map((step) => `--   ${step.id} <- ${from(step)}`),
  ]);
  return ['-- load', ...lines].join('\n');
}

function from(step: LoadStepPlan): string {
  return step.kind === 'stage' ? `COPY ${step.url}` : step.needs.join(', ') || step.reads.join(', ');
}

interface DescribeStep {
  readonly warehouse: Warehouse;
  readonly plan: WarehousePlan;
  readonly step: LoadStepPlan;
  readonly copyStatement: DescribePlanRequest['copyStatement'];
}

function describeStep({ warehouse, plan, step, copyStatement }: DescribeStep): string[] {
  const name = `${plan.schema}.${step.table}`;
  if (step.kind === 'stage') {
    const sql = copyStatement(step, warehouse.copySpec(step.source));
    return [section(`stage ${name}`, sql)];
  }
  const { sql, incremental } = warehouse.transform(step.id);
  const load = section(`load ${name} from ${step.reads.join(', ')}`, sql);
  if (incremental === undefined) return [load];
  const title = `load ${name} incrementally, when rows were only added to what it reads: the final rows of the keys they affect`;
  return [load, section(title, incremental.sql)];
}

function section(title: string, sql: string): string {
  return `-- ${title}\n${sql.trimEnd().replace(/;$/, '')};`;
}
