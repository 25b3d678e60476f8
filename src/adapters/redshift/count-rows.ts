import { qualify, quoteLiteral } from './quote.js';
import type { Session } from './session/session.js';

/** Rows of each table, as of one moment. Reads only. */
export async function countRows(
  session: Session,
  request: { readonly schema: string; readonly tables: readonly string[] },
): Promise<Readonly<Record<string, number>>> {
  if (request.tables.length === 0) return {};
  const counts = request.tables.map(
    (table) => `select ${quoteLiteral(table)} as name, count(*) as total from ${qualify(request.schema, table)}`,
  );
  const { rows } = await session.run({ sql: counts.join('\nunion all\n'), action: 'Counting the rows of the tables' });
  const totals = new Map(rows.map((row) => [row.name ?? '', Number(row.total ?? 0)]));
  return Object.fromEntries(request.tables.map((table) => [table, totals.get(table) ?? 0]));
}
