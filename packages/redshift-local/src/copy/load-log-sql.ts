const TABLES = `
create schema if not exists redshift_local;

create table if not exists redshift_local.load_error (
  user_id integer, slice integer, table_id integer, start_time timestamp, session_id integer, query_id bigint,
  transaction_id bigint, database_name text, file_name text, line_number bigint, column_name text, column_type text,
  column_length text, position integer, raw_line text, raw_field_value text, error_code integer, error_message text,
  fields jsonb);

create table if not exists redshift_local.load_file (
  user_id integer, slice integer, session_id integer, query_id bigint, file_name text, file_format text,
  bytes_scanned bigint, lines_scanned bigint, start_time timestamp, end_time timestamp, file_etag text,
  file_last_modified timestamp);

create table if not exists redshift_local.load_history (
  load_id bigint generated always as identity primary key, user_id integer, query_id bigint, transaction_id bigint,
  session_id integer, database_name text, status text, table_name text, start_time timestamp, end_time timestamp,
  data_source text, file_format text, loaded_rows bigint, loaded_bytes bigint, source_file_count integer,
  source_file_bytes bigint, file_count_scanned integer, file_bytes_scanned bigint, error_count bigint,
  error_message text);

revoke all on redshift_local.load_error, redshift_local.load_file, redshift_local.load_history from public;
grant usage on schema redshift_local to public;
`;

/** Load commits go through this, so that the client's own transaction carries them whatever the client may write. */
const RECORDER = `
create or replace function redshift_local.record_load_files(files jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $body$
  insert into redshift_local.load_file
  select (select usesysid::int from pg_catalog.pg_user where usename = session_user), f.slice, pg_catalog.pg_backend_pid(),
         f.query_id, f.file_name, f.file_format, f.bytes_scanned, f.lines_scanned, f.start_time, f.end_time, f.file_etag,
         f.file_last_modified
    from pg_catalog.jsonb_to_recordset(files) as f (slice integer, query_id bigint, file_name text, file_format text,
         bytes_scanned bigint, lines_scanned bigint, start_time timestamp, end_time timestamp, file_etag text,
         file_last_modified timestamp)
$body$;
`;

/** The cluster's admin, here a member of pg_monitor, sees all rows; others their own (DG "Visibility of data in system tables and views"). */
function visible(column: string): string {
  return `exists (select 1 from pg_catalog.pg_user u where u.usename = current_user and (pg_catalog.pg_has_role(u.usename, 'pg_monitor', 'member') or u.usesysid::int = ${column}))`;
}

/**
 * The views of a cluster follow its COPY by some seconds. Here they show errors at once, unless the session sets how long after the COPY began:
 * `set redshift_local.load_view_lag to '3s'`, for tests of what waits for them.
 */
const SHOWN = `(nullif(pg_catalog.current_setting('redshift_local.load_view_lag', true), '') is null
   or start_time <= pg_catalog.clock_timestamp() at time zone 'UTC' - pg_catalog.current_setting('redshift_local.load_view_lag', true)::interval)`;

const STL_VIEWS = `
create or replace view pg_catalog.stl_load_errors as
select user_id as userid, slice, table_id as tbl, start_time as starttime, session_id as session, query_id::integer as query,
       file_name::char(256) as filename, line_number, column_name::char(127) as colname, column_type::char(10) as type,
       column_length::char(10) as col_length, position, raw_line::char(1024) as raw_line,
       raw_field_value::char(1024) as raw_field_value, error_code as err_code, error_message::char(100) as err_reason,
       0 as is_partial, 0::bigint as start_offset, 0::bigint as copy_job_id
  from redshift_local.load_error where ${visible('user_id')} and ${SHOWN};

create or replace view pg_catalog.stl_loaderror_detail as
select e.user_id as userid, e.slice, e.session_id as session, e.query_id::integer as query, e.file_name::char(256) as filename,
       e.line_number, d.field, d.colname::char(1024) as colname, d.value::char(1024) as value, d.is_null,
       d.type::char(10) as type, d.col_length::char(10) as col_length
  from redshift_local.load_error e
 cross join lateral jsonb_to_recordset(e.fields) as d (field integer, colname text, value text, is_null integer, type text,
       col_length text)
 where ${visible('e.user_id')};

create or replace view pg_catalog.stl_load_commits as
select user_id as userid, query_id::integer as query, slice, ''::char(256) as name, file_name::char(256) as filename,
       0 as byte_offset, lines_scanned::integer as lines_scanned, 0 as errors, end_time as curtime, 1 as status,
       file_format::char(16) as file_format, 0 as is_partial, 0::bigint as start_offset, 0::bigint as copy_job_id
  from redshift_local.load_file where ${visible('user_id')};
`;

const SYS_VIEWS = `
create or replace view pg_catalog.sys_load_error_detail as
select user_id, query_id, transaction_id, session_id, database_name::char(64) as database_name, table_id, start_time,
       file_name::char(256) as file_name, line_number, column_name::char(127) as column_name,
       column_type::char(10) as column_type, column_length::char(10) as column_length, position, error_code,
       error_message::char(512) as error_message
  from redshift_local.load_error where ${visible('user_id')} and ${SHOWN};

create or replace view pg_catalog.sys_load_detail as
select user_id, query_id, file_name::char(256) as file_name, bytes_scanned, lines_scanned, end_time as record_time,
       0 as splits_scanned, start_time, end_time, file_etag::char(256) as file_etag, file_last_modified
  from redshift_local.load_file where ${visible('user_id')};

create or replace view pg_catalog.sys_load_history as
select user_id, query_id, transaction_id, session_id, database_name,
       -- A load that its server could not end is over with its session.
       case when status = 'running' and not exists (select from pg_catalog.pg_stat_activity where pid = session_id)
            then 'aborted' else status end as status,
       table_name, start_time, end_time,
       (extract(epoch from end_time - start_time) * 1000000)::bigint as duration, data_source, file_format, loaded_rows,
       loaded_bytes, source_file_count, source_file_bytes, file_count_scanned, file_bytes_scanned, error_count,
       0::bigint as copy_job_id, error_message
  from redshift_local.load_history where ${visible('user_id')};

grant select on pg_catalog.stl_load_errors, pg_catalog.stl_loaderror_detail, pg_catalog.stl_load_commits,
  pg_catalog.sys_load_error_detail, pg_catalog.sys_load_detail, pg_catalog.sys_load_history to public;
`;

/**
 * DDL that creates the private tables behind the load views and the views themselves (stl_load_errors, stl_loaderror_detail,
 * stl_load_commits, sys_load_error_detail, sys_load_detail, sys_load_history; columns as in the Developer Guide). Idempotent;
 * run in each database by a superuser whose session has `allow_system_table_mods` on.
 */
export const LOAD_LOG_SQL = TABLES + RECORDER + STL_VIEWS + SYS_VIEWS;
