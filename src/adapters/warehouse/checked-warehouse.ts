import { ancestors, topologicalOrder } from '../../domain/dag.js';
import type { LoadStepPlan, StagePlan, TransformPlan, WarehousePlan } from '../../domain/plan.js';
import type { CheckedSql } from './check-sql-files.js';
import { nodesOf } from './check-warehouse.js';
import { incrementalPath } from './incremental-sql.js';
import { InvalidWarehouseError } from './invalid-warehouse-error.js';
import { WAREHOUSE_FILE } from './read-folder.js';
import { renderAttributes } from './table-attributes.js';
import type {
  CopySpec,
  CreateStatement,
  IncrementalStatement,
  Lineage,
  PlanRequest,
  TransformStatement,
  Warehouse,
  WarehouseCheck,
  WarehouseDesign,
  WarehouseQuestion,
  WarehouseTable,
} from './warehouse.js';
import type { WarehouseFile } from './warehouse-file.js';

export interface CheckedWarehouseParts {
  readonly name: string;
  readonly revision: string;
  readonly file: WarehouseFile;
  readonly sql: CheckedSql;
}

/** A warehouse whose folder has been validated; answers from memory. */
export class CheckedWarehouse implements Warehouse {
  readonly name: string;
  readonly revision: string;
  private readonly file: WarehouseFile;
  private readonly sql: CheckedSql;

  constructor({ name, revision, file, sql }: CheckedWarehouseParts) {
    this.name = name;
    this.revision = revision;
    this.file = file;
    this.sql = sql;
  }

  get title(): string {
    return this.file.title;
  }

  get defaultDesign(): string {
    return this.file.defaultDesign;
  }

  get tables(): readonly WarehouseTable[] {
    return Object.entries(this.file.tables).map(([name, { role, key }]) => ({
      name,
      role,
      key,
      columns: this.sql.columns.get(name) ?? [],
    }));
  }

  get designs(): readonly WarehouseDesign[] {
    return Object.entries(this.file.designs).map(([name, { title }]) => ({ name, title }));
  }

  get questions(): readonly WarehouseQuestion[] {
    return Object.keys(this.file.questions).map((id) => this.question(id));
  }

  plan({ schema, design = this.file.defaultDesign, source }: PlanRequest): WarehousePlan {
    this.find('designs', 'design', design);
    return {
      warehouse: this.name,
      design,
      schema,
      revision: this.revision,
      tables: Object.entries(this.file.tables).map(([name, { role }]) => ({ name, role })),
      load: this.steps(source?.url),
      checks: Object.entries(this.file.checks).map(([id, { title, severity }]) => ({ id, title, severity })),
    };
  }

  createStatements(design: string): readonly CreateStatement[] {
    const attributes = this.find('designs', 'design', design).tables;
    return Object.keys(this.file.tables).map((table) => ({
      table,
      sql: `${this.statement(`tables/${table}.sql`)}\n${renderAttributes(attributes[table] ?? {})}`,
    }));
  }

  copySpec(sourceName: string): CopySpec {
    return this.find('sources', 'source', sourceName);
  }

  loadStatement(step: string): string {
    return this.transform(step).sql;
  }

  transform(step: string): TransformStatement {
    const { columns, query } = this.findIn(Object.fromEntries(this.sql.loads), 'transform step', step);
    const incremental = this.incremental(step);
    return {
      ...{ table: step, sql: this.statement(`load/${step}.sql`), columns, query },
      key: this.file.tables[step]?.key ?? [],
      lineage: this.lineage(step),
      ...(incremental && { incremental }),
    };
  }

  check(id: string): WarehouseCheck {
    const { title, severity } = this.find('checks', 'check', id);
    return { id, title, severity, sql: this.statement(`checks/${id}.sql`) };
  }

  question(id: string): WarehouseQuestion {
    const { title, chart } = this.find('questions', 'question', id);
    return { id, title, chart, sql: this.statement(`questions/${id}.sql`) };
  }

  /** In a topological order; without a source only the transforms, and their needs among themselves. */
  private steps(sourceUrl: string | undefined): LoadStepPlan[] {
    const planned = topologicalOrder(nodesOf(this.file)).flatMap(({ id, needs }): LoadStepPlan[] => {
      const step = this.file.load[id];
      if (step !== undefined && 'copy' in step) {
        return sourceUrl === undefined ? [] : [this.stage(id, step.copy, sourceUrl)];
      }
      return [this.transformPlan(id, needs)];
    });
    const ids = new Set(planned.map((step) => step.id));
    return planned.map((step) => ({ ...step, needs: step.needs.filter((need) => ids.has(need)) }));
  }

  private stage(table: string, source: string, sourceUrl: string): StagePlan {
    const prefix = this.file.sources[source]?.prefix ?? '';
    return { kind: 'stage', id: table, table, source, url: `${sourceUrl.replace(/\/+$/, '')}/${prefix}`, needs: [] };
  }

  private incremental(step: string): IncrementalStatement | undefined {
    const found = this.sql.incrementals.get(step);
    if (found === undefined) return undefined;
    const { columns, query, newRowsOf } = found;
    return { sql: this.statement(incrementalPath(step)), columns, query, newRowsOf };
  }

  private lineage(step: string): Lineage {
    const incremental = this.sql.incrementals.get(step);
    const reads = new Set([
      ...(this.sql.loads.get(step)?.reads ?? []),
      ...(incremental?.reads ?? []),
      ...(incremental?.newRowsOf ?? []),
    ]);
    const nodes = nodesOf(this.file);
    const isCopied = (table: string): boolean => 'copy' in (this.file.load[table] ?? {});
    return {
      staged: [...reads].filter(isCopied),
      derived: [...reads]
        .filter((table) => !isCopied(table))
        .map((table) => ({ table, sources: ancestors(nodes, table).filter(isCopied) })),
    };
  }

  private transformPlan(table: string, needs: readonly string[]): TransformPlan {
    const reads = this.sql.loads.get(table)?.reads ?? [];
    return { kind: 'transform', id: table, table, reads: reads.length > 0 ? reads : needs, needs };
  }

  private find<Section extends 'designs' | 'sources' | 'checks' | 'questions'>(
    section: Section,
    what: string,
    name: string,
  ): WarehouseFile[Section][string] {
    return this.findIn(
      this.file[section] as Readonly<Record<string, WarehouseFile[Section][string]>>,
      what,
      name,
      section,
    );
  }

  private findIn<Value>(map: Readonly<Record<string, Value>>, what: string, name: string, path?: string): Value {
    const value = Object.hasOwn(map, name) ? map[name] : undefined;
    if (value !== undefined) return value;
    const names = Object.keys(map).join(', ') || 'none';
    const message = `there is no ${what} "${name}"; there are ${names}`;
    throw new InvalidWarehouseError(this.name, [{ file: WAREHOUSE_FILE, ...(path && { path }), message }]);
  }

  private statement(path: string): string {
    const sql = this.sql.statements.get(path);
    if (sql === undefined) throw new InvalidWarehouseError(this.name, [{ file: path, message: 'is missing' }]);
    return sql;
  }
}
