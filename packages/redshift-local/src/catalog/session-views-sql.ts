const VISIBLE = `(user_name = current_user or pg_has_role(current_user, 'pg_monitor', 'member'))`;
const USER_ID = `coalesce((select usesysid::integer from pg_user where usename = user_name), -1)`;

/** Views of sessions, statements, transactions and locks. The face writes query_history before a statement reads one of them. */
export const SESSION_VIEWS_SQL = `
create or replace view pg_catalog.sys_query_history as
select
  ${USER_ID} as user_id, query_id, query_label, 0::bigint as transaction_id, session_id, database_name, query_type,
  -- A statement runs no longer than its session, whatever became of the endpoint that saw it start.
  case when status = 'running' and not exists (select from pg_stat_activity where pid = session_id) then 'canceled' else status end as status,
  false as result_cache_hit, start_time, end_time,
  (extract(epoch from coalesce(end_time, localtimestamp) - start_time) * 1000000)::bigint as elapsed_time,
  0::bigint as queue_time,
  (extract(epoch from coalesce(end_time, localtimestamp) - start_time) * 1000000)::bigint as execution_time,
  error_message, returned_rows, 0::bigint as returned_bytes, left(query_text, 4000) as query_text,
  'redshift-local'::text as redshift_version, ''::text as usage_limit, 'primary'::text as compute_type,
  0::bigint as compile_time, 0::bigint as planning_time, 0::bigint as lock_wait_time, user_name as username
from redshift_local.query_history where ${VISIBLE};

create or replace view pg_catalog.sys_query_text as
select user_id, query_id, transaction_id, session_id, start_time, 0 as sequence, query_text as text from pg_catalog.sys_query_history;

create or replace view pg_catalog.stl_query as
select user_id as userid, query_id as query, query_label as label, transaction_id as xid, session_id as pid, database_name as database,
  query_text as querytxt, start_time as starttime, end_time as endtime,
  case when status in ('failed', 'canceled') then 1 else 0 end as aborted, 0 as insert_pristine, 0 as concurrency_scaling_status
from pg_catalog.sys_query_history where status not in ('running', 'returning');

create or replace view pg_catalog.stl_querytext as
select userid, xid, pid, query, 0 as sequence, querytxt as text from pg_catalog.stl_query;

create or replace view pg_catalog.svl_statementtext as
select user_id as userid, transaction_id as xid, session_id as pid, query_label as label, start_time as starttime, end_time as endtime,
  0 as sequence, case query_type when 'DDL' then 'DDL' when 'UTILITY' then 'UTILITY' else 'QUERY' end as type, left(query_text, 200) as text
from pg_catalog.sys_query_history where status not in ('running', 'returning');

create or replace view pg_catalog.svl_qlog as
select userid, query, xid, pid, starttime, endtime,
  (extract(epoch from endtime - starttime) * 1000000)::bigint as elapsed, aborted, label, left(querytxt, 60) as substring
from pg_catalog.stl_query;

create or replace view pg_catalog.stv_inflight as
select user_id as userid, 0 as slice, query_id as query, query_label as label, transaction_id as xid, session_id as pid,
  start_time as starttime, left(query_text, 100) as text, 0 as suspended, 0 as insert_pristine, 0 as concurrency_scaling_status
from pg_catalog.sys_query_history where status in ('running', 'returning');

create or replace view pg_catalog.stv_recents as
select user_id as userid, case when status in ('running', 'returning') then 'Running' else 'Done' end as status,
  start_time as starttime, elapsed_time as duration, username as user_name, database_name as db_name,
  left(query_text, 600) as query, case when status in ('running', 'returning') then session_id else -1 end as pid
from pg_catalog.sys_query_history;

create or replace view pg_catalog.stv_sessions as
select (backend_start at time zone 'UTC') as starttime, pid as process, usename::text as user_name, datname::text as db_name, 0 as timeout_sec
from pg_stat_activity where backend_type = 'client backend' and usename is not null and usename <> 'rdsdb';

create or replace view pg_catalog.svv_transactions as
select a.usename::text as txn_owner, a.datname::text as txn_db, coalesce(a.backend_xid::text::bigint, 0) as xid, l.pid,
  (a.xact_start at time zone 'UTC') as txn_start, l.mode as lock_mode, l.locktype as lockable_object_type,
  l.relation::integer as relation, l.granted
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype in ('relation', 'transactionid') and a.backend_type = 'client backend' and l.pid <> pg_backend_pid();

create or replace view pg_catalog.stv_locks as
select relation as table_id, null::timestamp as last_commit, txn_start as last_update, xid as lock_owner, pid as lock_owner_pid,
  case when granted then 'Holding write lock' else 'Waiting for write lock' end as lock_status
from pg_catalog.svv_transactions
where lockable_object_type = 'relation' and lock_mode in ('ShareRowExclusiveLock', 'AccessExclusiveLock');

create or replace view pg_catalog.pg_database_info as
select oid as datid, datname, datallowconn, datconnlimit::text as datconnlimit from pg_database;
`;
