import { type InsertShape, insertShape, type SqlProblem, type SqlStatement } from './sql-shape.js';
import { newRowsTable } from './warehouse.js';

/** The shape of load/<table>.incremental.sql. */
export interface IncrementalSql extends InsertShape {
  /** Tables whose new rows it reads, under the names that newRowsTable gives. */
  readonly newRowsOf: readonly string[];
}

/** Path of the incremental statement of a load step. */
export function incrementalPath(step: string): string {
  return `load/${step}.incremental.sql`;
}

/**
 * Like insertShape, but beside the tables it may read the new rows of each. A name that is both, a table of the warehouse and the
 * new rows of one that COPY fills, counts as new rows, and checkWarehouse reports it.
 */
export function incrementalSql(
  statement: SqlStatement,
  table: string,
  { tables, copied }: { readonly tables: ReadonlySet<string>; readonly copied: ReadonlySet<string> },
): { readonly value: IncrementalSql } | { readonly problem: SqlProblem } {
  const sources = [...tables].filter((name) => copied.has(name) || !tables.has(newRowsTable(name)));
  const news = new Map(sources.map((name) => [newRowsTable(name), name]));
  const shape = insertShape(statement, table, new Set([...tables, ...news.keys()]));
  if ('problem' in shape) return shape;
  const { reads, ...insert } = shape.value;
  const newRowsOf = reads.flatMap((name) => news.get(name) ?? []);
  return { value: { ...insert, reads: reads.filter((name) => !news.has(name)), newRowsOf } };
}
