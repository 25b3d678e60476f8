import assert from 'node:assert/strict';
import { insertShape, singleStatement } from '../../../src/adapters/warehouse/sql-shape.js';
import type { InsertStatement, Lineage, TransformStatement } from '../../../src/adapters/warehouse/warehouse.js';

/** What a test says beside the INSERT. */
export interface StatementChange {
  /** @default every column */
  readonly key?: readonly string[];
  readonly lineage?: Partial<Lineage>;
  /** The incremental statement, and the tables whose new rows it reads. */
  readonly incremental?: { readonly sql: string; readonly newRowsOf: readonly string[] };
}

/** An INSERT as a warehouse folder would give it. */
export function transformStatement(sql: string, change: StatementChange = {}): TransformStatement {
  const table = /^\s*insert into (\w+)/.exec(sql)?.[1] ?? '';
  const insert = takeApart(table, sql);
  const { incremental } = change;
  return {
    ...insert,
    table,
    key: change.key ?? insert.columns,
    lineage: { staged: [], derived: [], ...change.lineage },
    ...(incremental && {
      incremental: { ...takeApart(table, incremental.sql), newRowsOf: incremental.newRowsOf },
    }),
  };
}

function takeApart(table: string, sql: string): InsertStatement {
  const statement = singleStatement(sql);
  assert.ok('value' in statement, sql);
  const shape = insertShape(statement.value, table, new Set());
  assert.ok('value' in shape, sql);
  const { columns, query } = shape.value;
  return { sql, columns, query };
}
