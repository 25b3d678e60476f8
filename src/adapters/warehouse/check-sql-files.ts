import type { WarehouseProblem } from './invalid-warehouse-error.js';
import type { FolderContent, SqlFolder } from './read-folder.js';
import {
  createTableShape,
  insertShape,
  queryShape,
  type SqlProblem,
  type SqlStatement,
  singleStatement,
} from './sql-shape.js';
import type { WarehouseFile } from './warehouse-file.js';

/** The statements of a warehouse folder and what they say about themselves. */
export interface CheckedSql {
  /** By path: `load/users.sql`. */
  readonly statements: ReadonlyMap<string, string>;
  /** By table. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Tables of the warehouse that a load step reads, by step. */
  readonly loadReads: ReadonlyMap<string, readonly string[]>;
  /** The same of checks and questions, by path. */
  readonly queryReads: ReadonlyMap<string, readonly string[]>;
}

/** Reads every file that warehouse.yaml asks for, and names those that are missing or that it never asks for. */
export function checkSqlFiles(
  file: WarehouseFile,
  content: FolderContent,
): CheckedSql & { readonly problems: readonly WarehouseProblem[] } {
  const collector = new SqlCollector(file, content);
  for (const table of Object.keys(file.tables)) collector.addTable(table);
  for (const [step, { needs }] of Object.entries(file.load).map(
    ([id, step]) => [id, { needs: 'needs' in step }] as const,
  )) {
    if (needs) collector.addLoad(step);
  }
  for (const check of Object.keys(file.checks)) collector.addQuery('checks', check);
  for (const question of Object.keys(file.questions)) collector.addQuery('questions', question);
  collector.findUnused();
  return collector;
}

class SqlCollector implements CheckedSql {
  readonly statements = new Map<string, string>();
  readonly columns = new Map<string, readonly string[]>();
  readonly loadReads = new Map<string, readonly string[]>();
  readonly queryReads = new Map<string, readonly string[]>();
  readonly problems: WarehouseProblem[] = [];
  private readonly tables: ReadonlySet<string>;
  private readonly expected = new Set<string>();

  constructor(
    file: WarehouseFile,
    private readonly content: FolderContent,
  ) {
    this.tables = new Set(Object.keys(file.tables));
  }

  addTable(table: string): void {
    const path = `tables/${table}.sql`;
    const shape = this.take(path, (statement) => createTableShape(statement, table));
    if (shape !== undefined) this.columns.set(table, shape.columns);
  }

  addLoad(table: string): void {
    const path = `load/${table}.sql`;
    const shape = this.take(path, (statement) => insertShape(statement, table, this.tables));
    if (shape === undefined) return;
    this.loadReads.set(table, shape.reads);
    const known = this.columns.get(table);
    for (const column of shape.columns) {
      if (known === undefined || known.includes(column)) continue;
      this.problems.push({ file: path, message: `${table} has no column "${column}"; it has ${known.join(', ')}` });
    }
  }

  addQuery(folder: SqlFolder, id: string): void {
    const path = `${folder}/${id}.sql`;
    const shape = this.take(path, (statement) => queryShape(statement, this.tables));
    if (shape !== undefined) this.queryReads.set(path, shape.reads);
  }

  /** A file nobody asks for is an error: a check that was written and never runs is worse than none. */
  findUnused(): void {
    for (const path of this.content.sql.keys()) {
      if (this.expected.has(path)) continue;
      const [folder, name] = path.slice(0, -'.sql'.length).split('/');
      const message = `is not named in warehouse.yaml and would never run; add ${name} under ${folder}, or remove the file`;
      this.problems.push({ file: path, message });
    }
  }

  private take<Value>(
    path: string,
    shapeOf: (statement: SqlStatement) => { readonly value: Value } | { readonly problem: SqlProblem },
  ): Value | undefined {
    this.expected.add(path);
    const text = this.content.sql.get(path);
    if (text === undefined) {
      this.problems.push({ file: path, message: 'is missing, and warehouse.yaml asks for it' });
      return undefined;
    }
    const single = singleStatement(text);
    const shape = 'value' in single ? shapeOf(single.value) : single;
    if ('problem' in shape) {
      this.problems.push({ file: path, ...shape.problem });
      return undefined;
    }
    if ('value' in single) this.statements.set(path, single.value.sql);
    return shape.value;
  }
}
