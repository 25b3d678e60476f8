/** Private storage of the catalogue: declared table designs and the log of statements. */
export const STORAGE_SQL = `
create schema if not exists redshift_local;
grant usage on schema redshift_local to public;

-- regclass survives dump and restore by name.
create table if not exists redshift_local.table_design (
  table_id regclass primary key,
  diststyle text not null,
  distkey smallint,
  sortstyle text not null,
  sortkey smallint[] not null,
  encode jsonb not null,
  keys jsonb not null,
  backup boolean not null,
  created timestamp not null default (clock_timestamp() at time zone 'UTC')
);

create unlogged table if not exists redshift_local.query_history (
  query_id bigint primary key,
  session_id integer not null,
  user_name text not null,
  database_name text not null,
  query_label text not null,
  query_type text not null,
  status text not null,
  start_time timestamp not null,
  end_time timestamp,
  returned_rows bigint not null,
  error_message text not null,
  query_text text not null
);
create index if not exists query_history_start on redshift_local.query_history (start_time);
`;
