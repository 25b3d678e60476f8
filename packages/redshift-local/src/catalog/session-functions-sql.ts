/** Channel on which a session asks the face to end the COPY of another; the payload is its process id. */
export const CANCEL_CHANNEL = 'redshift_local_cancel';

/** Functions about sessions and their last statements. */
export const SESSION_FUNCTIONS_SQL = `
create or replace function redshift_local.session_number(name text) returns integer
language sql stable as $$
  select coalesce(nullif(pg_catalog.current_setting('redshift_local.' || $1, true), ''), '-1')::integer
$$;
create or replace function pg_catalog.pg_last_query_id() returns integer
language sql stable as $$ select redshift_local.session_number('last_query_id') $$;
create or replace function pg_catalog.last_user_query_id() returns integer
language sql stable as $$ select redshift_local.session_number('last_query_id') $$;
create or replace function pg_catalog.pg_last_copy_id() returns integer
language sql stable as $$ select redshift_local.session_number('last_copy_id') $$;
create or replace function pg_catalog.pg_last_copy_count() returns bigint
language sql stable as $$ select redshift_local.session_number('last_copy_count')::bigint $$;

-- A session that loads from S3 may have nothing for PostgreSQL to cancel: the face ends the load.
create or replace function redshift_local.pg_cancel_backend(pid integer) returns integer
language plpgsql as $$
declare done boolean := pg_catalog.pg_cancel_backend($1);
begin
  perform pg_catalog.pg_notify('${CANCEL_CHANNEL}', $1::text);
  return done::integer;
end $$;
create or replace function redshift_local.pg_terminate_backend(pid integer) returns integer
language plpgsql as $$
declare done boolean := pg_catalog.pg_terminate_backend($1);
begin
  perform pg_catalog.pg_notify('${CANCEL_CHANNEL}', $1::text);
  return done::integer;
end $$;
`;
