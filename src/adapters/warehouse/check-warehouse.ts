import { ancestors, findCycle } from '../../domain/dag.js';
import { type CheckedSql, checkSqlFiles } from './check-sql-files.js';
import { incrementalPath } from './incremental-sql.js';
import type { WarehouseProblem } from './invalid-warehouse-error.js';
import type { ParsedWarehouseFile } from './parse-warehouse-file.js';
import type { FolderContent } from './read-folder.js';
import { attributeProblems } from './table-attributes.js';
import { newRowsTable } from './warehouse.js';
import type { WarehouseFile } from './warehouse-file.js';

export interface CheckRequest {
  readonly file: WarehouseFile;
  readonly content: FolderContent;
  readonly problemAt: ParsedWarehouseFile['problemAt'];
}

/** Everything that only the whole folder can tell: names, the DAG, designs against columns, files. */
export function checkWarehouse(request: CheckRequest): CheckedSql & { readonly problems: readonly WarehouseProblem[] } {
  const sql = checkSqlFiles(request.file, request.content);
  return {
    ...sql,
    problems: [
      ...checkTables(request, sql),
      ...checkSteps(request),
      ...checkReads(request, sql),
      ...checkDesigns(request, sql),
      ...sql.problems,
    ],
  };
}

/** Whether a table is read is only known once every statement could be. */
function checkTables({ file, problemAt }: CheckRequest, sql: ReturnType<typeof checkSqlFiles>): WarehouseProblem[] {
  const problems: WarehouseProblem[] = [];
  const read = new Set([...sql.loads.values()].flatMap(({ reads }) => reads).concat(...sql.queryReads.values()));
  for (const [name, table] of Object.entries(file.tables)) {
    const columns = sql.columns.get(name);
    for (const column of table.key) {
      if (columns === undefined || columns.includes(column)) continue;
      problems.push(
        problemAt(['tables', name, 'key'], `${name} has no column "${column}"; it has ${columns.join(', ')}`),
      );
    }
    if (file.load[name] === undefined) {
      const example = table.role === 'staging' ? '{ copy: events }' : '{ needs: [staging_events] }';
      problems.push(problemAt(['tables', name], `is never loaded; add it to load, for example ${name}: ${example}`));
    } else if (table.role === 'staging' && sql.problems.length === 0 && !read.has(name)) {
      problems.push(
        problemAt(
          ['tables', name],
          'is staged and never read; name it in a load step, check or question, or remove it',
        ),
      );
    }
  }
  return problems;
}

function checkSteps({ file, problemAt }: CheckRequest): WarehouseProblem[] {
  const problems: WarehouseProblem[] = [];
  const steps = Object.entries(file.load);
  const copied = new Set<string>();
  for (const [name, step] of steps) {
    const role = file.tables[name]?.role;
    if (role === undefined) problems.push(problemAt(['load', name], `is not a table; there are ${list(file.tables)}`));
    if ('copy' in step) {
      copied.add(step.copy);
      if (file.sources[step.copy] === undefined) {
        problems.push(
          problemAt(['load', name, 'copy'], `there is no source "${step.copy}"; there are ${list(file.sources)}`),
        );
      }
      if (role === 'fact' || role === 'dimension') {
        problems.push(
          problemAt(['load', name, 'copy'], `COPY fills staging tables, and ${name} is a ${role}; write needs: [...]`),
        );
      }
      continue;
    }
    for (const [index, need] of step.needs.entries()) {
      if (file.load[need] !== undefined) continue;
      problems.push(
        problemAt(['load', name, 'needs', index], `there is no step "${need}"; there are ${list(file.load)}`),
      );
    }
  }
  for (const name of Object.keys(file.sources)) {
    if (!copied.has(name))
      problems.push(problemAt(['sources', name], 'is never copied; add a load step { copy: ... } or remove it'));
  }
  const cycle = findCycle(nodesOf(file));
  if (cycle !== undefined) {
    problems.push(
      problemAt(['load', cycle[0] ?? '', 'needs'], `the steps need each other in a circle: ${cycle.join(' -> ')}`),
    );
  }
  return problems;
}

/** A statement may read only what an earlier step has loaded, and new rows only where COPY brings some. */
function checkReads({ file, problemAt }: CheckRequest, sql: CheckedSql): WarehouseProblem[] {
  const nodes = nodesOf(file);
  const statements = [
    ...[...sql.loads].map(([step, { reads }]) => ({ step, path: `load/${step}.sql`, reads, news: [] })),
    ...[...sql.incrementals].map(([step, { reads, newRowsOf }]) => ({
      ...{ step, path: incrementalPath(step), reads, news: newRowsOf },
    })),
  ];
  return statements.flatMap(({ step, path, reads, news }) => {
    const before = new Set(ancestors(nodes, step));
    const missing = [...reads, ...news].flatMap((table, index) => {
      const name = index < reads.length ? table : newRowsTable(table);
      if (table === step) return [{ file: path, message: readsItself(path, table) }];
      if (before.has(table) || file.load[table] === undefined) return [];
      return [problemAt(['load', step, 'needs'], `${path} reads ${name}; add ${table} to the needs`)];
    });
    return [...missing, ...news.flatMap((table) => newRowsProblems({ file, path, table }))];
  });
}

function readsItself(path: string, table: string): string {
  return path === incrementalPath(table)
    ? `reads ${table}, the table it fills: give the rows as the staging tables make them, so that it does no harm to take rows in twice`
    : `reads ${table}, the table it fills: a full load empties it first`;
}

function newRowsProblems({ file, path, table }: { file: WarehouseFile; path: string; table: string }) {
  const name = newRowsTable(table);
  const step = file.load[table];
  if (file.tables[name] !== undefined) {
    const message = `reads ${name}, which is a table of the warehouse and the name of the new rows of ${table}; rename the table`;
    return [{ file: path, message }];
  }
  if (step !== undefined && 'copy' in step) return [];
  const copied = Object.entries(file.load).filter(([, other]) => 'copy' in other);
  const names = copied.map(([other]) => newRowsTable(other)).join(', ');
  return [{ file: path, message: `reads ${name}, but ${table} is not filled by COPY; there are ${names}` }];
}

function checkDesigns({ file, problemAt }: CheckRequest, sql: CheckedSql): WarehouseProblem[] {
  const problems: WarehouseProblem[] = [];
  if (file.designs[file.defaultDesign] === undefined) {
    problems.push(
      problemAt(['defaultDesign'], `there is no design "${file.defaultDesign}"; there are ${list(file.designs)}`),
    );
  }
  for (const [name, design] of Object.entries(file.designs)) {
    for (const [table, attributes] of Object.entries(design.tables)) {
      const path = ['designs', name, 'tables', table];
      if (file.tables[table] === undefined) {
        problems.push(problemAt(path, `is not a table; there are ${list(file.tables)}`));
        continue;
      }
      for (const { field, message } of attributeProblems(table, attributes, sql.columns.get(table))) {
        problems.push(problemAt([...path, field], message));
      }
    }
  }
  return problems;
}

/** The load as a DAG. */
export function nodesOf(file: WarehouseFile): { readonly id: string; readonly needs: readonly string[] }[] {
  return Object.entries(file.load).map(([id, step]) => ({ id, needs: 'needs' in step ? step.needs : [] }));
}

function list(map: Readonly<Record<string, unknown>>): string {
  return Object.keys(map).join(', ');
}
