import type { WarehouseTable } from '../../src/adapters/warehouse/warehouse.js';
import type { WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';

/** How often each row occurs, by its text. */
export type Multiset = ReadonlyMap<string, number>;

/** A table as far as it has to be equal in every load of the same files. */
export interface ComparedTable {
  readonly name: string;
  readonly role: WarehouseTable['role'];
  /** Without IDENTITY columns, whose values may have gaps. */
  readonly columns: readonly string[];
}

/** Contents of the tables of a warehouse, by name. */
export type Contents = ReadonlyMap<string, Multiset>;

export async function readContents(
  sql: WarehouseSql,
  { schema, tables }: { readonly schema: string; readonly tables: readonly ComparedTable[] },
): Promise<Contents> {
  const contents = new Map<string, Multiset>();
  for (const { name, columns } of tables) {
    const counts = new Map<string, number>();
    for (const row of await sql.rows(`select ${columns.join(', ')} from ${schema}.${name}`)) {
      const text = JSON.stringify(row);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    contents.set(name, counts);
  }
  return contents;
}

/** Rows of a multiset, duplicates counted. */
export function sizeOf(rows: Multiset | undefined): number {
  return [...(rows?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}

/** What the tables lack of the undisturbed load, and what they have beyond it; a wrong row is both. */
export function compareContents(actual: Contents, wanted: Contents): readonly Finding[] {
  return [...wanted].flatMap(([table, rows]) => {
    const found = actual.get(table) ?? new Map<string, number>();
    return [
      ...finding({ trouble: 'lost', table, rows: difference(rows, found) }),
      ...finding({ trouble: 'duplicated', table, rows: difference(found, rows) }),
    ];
  });
}

function difference(these: Multiset, those: Multiset): readonly (readonly [string, number])[] {
  return [...these].flatMap(([row, count]) => {
    const more = count - (those.get(row) ?? 0);
    return more > 0 ? [[row, more] as const] : [];
  });
}

function finding(request: {
  readonly trouble: 'lost' | 'duplicated';
  readonly table: string;
  readonly rows: readonly (readonly [string, number])[];
}): readonly Finding[] {
  const { trouble, table, rows } = request;
  const count = rows.reduce((sum, [, more]) => sum + more, 0);
  if (count === 0) return [];
  const says = trouble === 'lost' ? 'lacks' : 'has too many:';
  return [{ trouble, count, text: `${table} ${says} ${count} rows, for example ${rows[0]?.[0]}` }];
}
