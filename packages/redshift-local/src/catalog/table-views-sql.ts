/** Views that describe tables and columns. */
export const TABLE_VIEWS_SQL = `
create or replace view redshift_local.user_tables as
select
  c.oid as table_id, n.nspname as schema_name, c.relname as table_name, c.relkind, c.relpersistence,
  coalesce(d.diststyle, 'auto') as diststyle, d.distkey, coalesce(d.sortstyle, 'auto') as sortstyle,
  coalesce(d.sortkey, '{}'::smallint[]) as sortkey, coalesce(d.encode, '{}'::jsonb) as encode, d.created
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join redshift_local.table_design d on d.table_id = c.oid
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'redshift_local', 'pg_toast');

-- Empty tables are left out, as on a cluster.
create or replace view pg_catalog.svv_table_info as
select
  current_database()::text as database,
  t.schema_name::text as schema,
  t.table_id,
  t.table_name::text as "table",
  case when t.encode = '{}'::jsonb then 'Y, AUTO(ENCODE)' else 'Y' end as encoded,
  case t.diststyle
    when 'key' then 'KEY(' || dist.attname || ')'
    when 'auto' then case when pg_relation_size(t.table_id) < 16777216 then 'AUTO(ALL)' else 'AUTO(EVEN)' end
    else upper(t.diststyle)
  end as diststyle,
  case when t.sortstyle = 'auto' then 'AUTO(SORTKEY)' when t.sortstyle = 'interleaved' then 'INTERLEAVED' else sort.attname::text end as sortkey1,
  (select max(atttypmod - 4) from pg_attribute where attrelid = t.table_id and atttypid = 1043 and not attisdropped) as max_varchar,
  case when sort.attname is not null then redshift_local.column_encoding(sort.atttypid, true, t.encode ->> sort.attnum::text) end as sortkey1_enc,
  cardinality(t.sortkey) as sortkey_num,
  ceil(pg_total_relation_size(t.table_id) / 1048576.0)::bigint as size,
  null::numeric(10, 4) as pct_used,
  0::bigint as empty,
  case when cardinality(t.sortkey) > 0 then 0.00 end::numeric(5, 2) as unsorted,
  0.00::numeric(5, 2) as stats_off,
  counted.tbl_rows::numeric(38, 0) as tbl_rows,
  null::numeric(19, 2) as skew_sortkey1,
  case when t.diststyle = 'even' then 1.00 end::numeric(19, 2) as skew_rows,
  counted.tbl_rows::numeric(38, 0) as estimated_visible_rows,
  null::text as risk_event,
  null::numeric(12, 2) as vacuum_sort_benefit,
  t.created as create_time
from redshift_local.user_tables t
cross join lateral (select redshift_local.row_count(t.table_id) as tbl_rows) as counted
left join pg_attribute dist on dist.attrelid = t.table_id and dist.attnum = t.distkey
left join pg_attribute sort on sort.attrelid = t.table_id and sort.attnum = t.sortkey[1]
where t.relpersistence = 'p' and counted.tbl_rows > 0;

-- Only tables on the search path, as on a cluster; the columns of an interleaved key alternate in sign.
create or replace view pg_catalog.pg_table_def as
select
  t.schema_name as schemaname,
  t.table_name as tablename,
  a.attname as "column",
  format_type(a.atttypid, a.atttypmod) as type,
  redshift_local.column_encoding(a.atttypid, a.attnum = any (t.sortkey), t.encode ->> a.attnum::text) as encoding,
  coalesce(t.distkey = a.attnum, false) as distkey,
  coalesce(case when t.sortstyle = 'interleaved' and array_position(t.sortkey, a.attnum) % 2 = 0
    then -array_position(t.sortkey, a.attnum) else array_position(t.sortkey, a.attnum) end, 0) as sortkey,
  a.attnotnull as "notnull"
from redshift_local.user_tables t
join pg_attribute a on a.attrelid = t.table_id and a.attnum > 0 and not a.attisdropped
where pg_table_is_visible(t.table_id)
order by t.schema_name, t.table_name, a.attnum;

create or replace view pg_catalog.svv_tables as
select table_catalog::text, table_schema::text, table_name::text, table_type::text,
  obj_description(to_regclass(format('%I.%I', table_schema, table_name)), 'pg_class') as remarks
from information_schema.tables where table_schema <> 'redshift_local';

-- IDENTITY stands among the defaults, as on a cluster.
create or replace view pg_catalog.svv_columns as
select table_catalog::text, table_schema::text, table_name::text, column_name::text, ordinal_position::integer,
  case when is_identity = 'YES'
    then format('%s(%s, %s, %L::text)', case identity_generation when 'ALWAYS' then '"identity"' else 'default_identity' end,
      to_regclass(format('%I.%I', table_schema, table_name))::oid, ordinal_position - 1, identity_start || ',' || identity_increment)
    else column_default end::text as column_default,
  is_nullable::text, data_type::text, character_maximum_length::integer, numeric_precision::integer,
  numeric_precision_radix::integer, numeric_scale::integer, datetime_precision::integer,
  col_description(to_regclass(format('%I.%I', table_schema, table_name)), ordinal_position::integer) as remarks
from information_schema.columns where table_schema <> 'redshift_local';
`;
