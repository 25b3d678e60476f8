import type { AdminConnections } from './admin-connections.js';

/** The cluster's own database, which no client reaches: what belongs to the endpoint as a whole is kept there. */
const HOME_DATABASE = 'postgres';

const CREATE_RESERVATION = `
create schema if not exists redshift_local;
create table if not exists redshift_local.query_id_reservation (singleton boolean primary key check (singleton), last_id bigint not null)`;

const RESERVE = `
insert into redshift_local.query_id_reservation as kept values (true, $1::bigint + $2::bigint)
on conflict (singleton) do update set last_id = greatest(kept.last_id, $1::bigint) + $2::bigint
returning last_id`;

const HAS_RECORDS = `select pg_catalog.to_regclass('redshift_local.load_history') is not null as yes`;

const ABORT_LOADS = `
update redshift_local.load_history
   set status = 'aborted', end_time = pg_catalog.clock_timestamp() at time zone 'UTC',
       error_message = 'The server was stopped before the load had ended.'
 where status = 'running'`;

const GREATEST_ID = `
select greatest(0, (select max(query_id) from redshift_local.query_history),
                (select max(query_id) from redshift_local.load_history)) as id`;

/** Reserves query ids of the cluster, as QueryIdStore asks. */
export function reserveQueryIds(admin: AdminConnections, floor: number, count: number): Promise<number> {
  return admin.once(HOME_DATABASE, async (client) => {
    await client.query('set client_min_messages = warning');
    await client.query(CREATE_RESERVATION);
    const { rows } = await client.query<{ last_id: string }>(RESERVE, [floor, count]);
    return Number(rows[0]?.last_id);
  });
}

/**
 * Ends the records of loads that an earlier run of the endpoint left open, in every database, and returns the greatest query id
 * that any of them knows. What cannot be reached is told to `onError` with the name of its database.
 */
export async function settleRecords(
  admin: AdminConnections,
  onError: (database: string, error: Error) => void,
): Promise<number> {
  const databases = await admin.once(HOME_DATABASE, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_catalog.pg_database where datallowconn and not datistemplate and datname <> $1',
      [HOME_DATABASE],
    );
    return rows.map(({ datname }) => datname);
  });
  let greatest = 0;
  for (const database of databases) {
    try {
      greatest = Math.max(greatest, await settleDatabase(admin, database));
    } catch (error) {
      onError(database, error instanceof Error ? error : new Error(String(error)));
    }
  }
  return greatest;
}

function settleDatabase(admin: AdminConnections, database: string): Promise<number> {
  return admin.once(database, async (client) => {
    const known = await client.query<{ yes: boolean }>(HAS_RECORDS);
    if (known.rows[0]?.yes !== true) return 0;
    await client.query(ABORT_LOADS);
    const { rows } = await client.query<{ id: string }>(GREATEST_ID);
    return Number(rows[0]?.id);
  });
}
