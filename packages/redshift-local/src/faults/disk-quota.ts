import type pg from 'pg';
import { RedshiftError } from '../redshift-error.js';
import { REDSHIFT_FAULTS } from './redshift-faults.js';

/** What the databases that clients can reach take on the disk, with the space of rows that a failed load left behind. */
const USED_SQL = `
select coalesce(sum(pg_catalog.pg_database_size(oid)), 0)::bigint as bytes
  from pg_catalog.pg_database
 where datallowconn and not datistemplate and datname <> 'postgres'`;

const LEADING_SPACE = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const WRITES =
  /^(?:copy|insert|update|merge)\b|^create\s+(?:(?:local\s+)?temp(?:orary)?\s+)?table\b[\s\S]*?\bas\s*(?:\(|select\b|with\b)/i;

/** Whether a statement of the client takes space: COPY, INSERT, UPDATE, MERGE, CREATE TABLE AS. */
export function takesSpace(text: string): boolean {
  return WRITES.test(text.replace(LEADING_SPACE, ''));
}

/** Throws Redshift's error for a full disk when the databases of the server take more than `bytes`. */
export async function checkDisk(admin: pg.Pool, bytes: number): Promise<void> {
  const { rows } = await admin.query<{ bytes: string }>(USED_SQL);
  if (Number(rows[0]?.bytes) > bytes) throw diskFull();
}

function diskFull(): RedshiftError {
  const { sqlstate: sqlState, message, detail } = REDSHIFT_FAULTS.diskFull;
  return new RedshiftError({ sqlState, message, detail: detail ?? '' });
}
