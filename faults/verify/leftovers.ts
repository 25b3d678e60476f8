import { literal, type WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';

const LEDGER_TABLE = /^(load_steps|load_files|quarantine|claims|claims_lock|guard_.+)$/;

/** Tables that nobody declared, in the run's schema, in the ledger's and among the temporary ones. */
export async function leftovers(
  sql: WarehouseSql,
  { schema, tables }: { readonly schema: string; readonly tables: ReadonlySet<string> },
): Promise<readonly Finding[]> {
  const rows = await sql.rows(
    `select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and (n.nspname in (${literal(schema)}, 'starshift') or n.nspname like 'pg_temp%')`,
  );
  const isKnown = (space: string, name: string) =>
    space === schema ? tables.has(name) : space === 'starshift' && LEDGER_TABLE.test(name);
  return rows.flatMap(([space, name]) =>
    isKnown(String(space), String(name))
      ? []
      : [{ trouble: 'leftover' as const, count: 1, text: `table ${space}.${name} was left behind` }],
  );
}
