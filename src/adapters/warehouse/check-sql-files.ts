import { type IncrementalSql, incrementalPath, incrementalSql } from './incremental-sql.js';
import type { WarehouseProblem } from './invalid-warehouse-error.js';
import type { FolderContent, SqlFolder } from './read-folder.js';
import {
  createTableShape,
  type InsertShape,
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
  /** Of each load step with a statement: its columns, its query, the tables of the warehouse that it reads. */
  readonly loads: ReadonlyMap<string, InsertShape>;
  /** The same of the load steps that have an incremental statement beside it. */
  readonly incrementals: ReadonlyMap<string, IncrementalSql>;
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
    if (!needs) continue;
    collector.addLoad(step);
    collector.addIncremental(step);
  }
  for (const check of Object.keys(file.checks)) collector.addQuery('checks', check);
  for (const question of Object.keys(file.questions)) collector.addQuery('questions', question);
  collector.findUnused();
  return collector;
}

class SqlCollector implements CheckedSql {
  readonly statements = new Map<string, string>();
  readonly columns = new Map<string, readonly string[]>();
  readonly loads = new Map<string, InsertShape>();
  readonly incrementals = new Map<string, IncrementalSql>();
  readonly queryReads = new Map<string, readonly string[]>();
  readonly problems: WarehouseProblem[] = [];
  readonly tables: ReadonlySet<string>;
  /** Those that COPY fills. */
  readonly copied: ReadonlySet<string>;
  private readonly expected = new Set<string>();

  constructor(
    file: WarehouseFile,
    private readonly content: FolderContent,
  ) {
    this.tables = new Set(Object.keys(file.tables));
    this.copied = new Set([...this.tables].filter((table) => 'copy' in (file.load[table] ?? {})));
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
    this.loads.set(table, shape);
    const known = this.columns.get(table);
    for (const column of shape.columns) {
      if (known === undefined || known.includes(column)) continue;
      this.problems.push({ file: path, message: `${table} has no column "${column}"; it has ${known.join(', ')}` });
    }
  }

  /** The one file that may be missing. */
  addIncremental(table: string): void {
    const path = incrementalPath(table);
    if (!this.content.sql.has(path)) return;
    const shape = this.take(path, (statement) => incrementalSql(statement, table, this));
    if (shape === undefined) return;
    this.incrementals.set(table, shape);
    const full = this.loads.get(table);
    if (full === undefined) return;
    const [wanted, got] = [full.columns, shape.columns].map((columns) => [...columns].sort().join(', '));
    if (wanted === got) return;
    const message = `fills ${shape.columns.join(', ')}, and load/${table}.sql ${full.columns.join(', ')}; name the same columns`;
    this.problems.push({ file: path, message });
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
      const [folder, name = ''] = path.replace(/(\.incremental)?\.sql$/, '').split('/');
      const copied = folder === 'load' && this.copied.has(name);
      const message = copied
        ? `would never run, because COPY fills ${name}; remove the file`
        : `is not named in warehouse.yaml and would never run; add ${name} under ${folder}, or remove the file`;
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
