import { quoteIdentifier } from '../quote.js';
import type { Session } from '../session/session.js';

/**
 * Quoted name of a temporary table of ours. A temporary table hides every other of its name; this one cannot be a table of a
 * warehouse, whose names have no dollar sign.
 */
export function sessionTable(name: string): string {
  return quoteIdentifier(`starshift$${name}`);
}

/** Creates an empty temporary table with these columns of another, types and all; NOT NULL and defaults do not come along. */
export async function createLike(
  session: Session,
  table: { readonly name: string; readonly columns: string; readonly of: string },
): Promise<void> {
  const sql = `create temp table ${table.name} as select ${table.columns} from ${table.of} where 1 = 0`;
  await session.run({ sql, action: `Creating a temporary table like ${table.of}` });
}

/** Drops temporary tables: Redshift has no ON COMMIT DROP, and a session may do more than one step. */
export async function dropTables(session: Session, names: readonly string[]): Promise<void> {
  for (const name of names) await session.run({ sql: `drop table ${name}`, action: `Dropping ${name}` });
}
