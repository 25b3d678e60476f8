import type pg from 'pg';
import { LOAD_LOG_SQL } from '../copy/load-log-sql.js';
import { AGGREGATES_SQL } from './aggregates-sql.js';
import { DATE_FUNCTIONS_SQL } from './date-functions-sql.js';
import { SESSION_FUNCTIONS_SQL } from './session-functions-sql.js';
import { SESSION_VIEWS_SQL } from './session-views-sql.js';
import { STORAGE_SQL } from './storage-sql.js';
import { TABLE_FUNCTIONS_SQL } from './table-functions-sql.js';
import { TABLE_VIEWS_SQL } from './table-views-sql.js';
import { TEXT_FUNCTIONS_SQL } from './text-functions-sql.js';

/** Serialises installations into one database: an arbitrary key. */
const INSTALL_LOCK_KEY = 5_439_001;

/** Views of pg_catalog are readable by everybody only when they say so. */
const GRANTS_SQL = `
do $$
declare relation regclass;
begin
  for relation in
    select c.oid from pg_catalog.pg_class c
    where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'v' and c.oid >= 16384
  loop
    execute pg_catalog.format('grant select on %s to public', relation);
  end loop;
end $$;
grant execute on all functions in schema redshift_local to public;
`;

const PARTS: readonly string[] = [
  STORAGE_SQL,
  TABLE_FUNCTIONS_SQL,
  TEXT_FUNCTIONS_SQL,
  DATE_FUNCTIONS_SQL,
  AGGREGATES_SQL,
  SESSION_FUNCTIONS_SQL,
  TABLE_VIEWS_SQL,
  SESSION_VIEWS_SQL,
  LOAD_LOG_SQL,
  GRANTS_SQL,
];

/**
 * Gives a database what an application expects of Redshift: functions and views in pg_catalog, where unqualified names resolve
 * whatever the search path, and private storage in the schema redshift_local. Idempotent. Run as a superuser; throws the
 * server's error, with nothing changed, if a part cannot be installed.
 */
export async function installCatalog(client: pg.Client): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(${INSTALL_LOCK_KEY})`);
    await client.query(`set local allow_system_table_mods = on; set local check_function_bodies = off;
      set local client_min_messages = warning; set local search_path = pg_catalog`);
    for (const part of PARTS) await client.query(part);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
