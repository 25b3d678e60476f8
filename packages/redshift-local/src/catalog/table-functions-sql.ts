/** Names in such a function must not be looked up where its caller can put objects of the same name. */
const AS_SUPERUSER = 'security definer set search_path = pg_catalog, pg_temp';

/** Anybody can call the functions that run as the superuser: each of these looks for itself whether the session may. */
const REQUIRE_OWNER = `if not exists (select from pg_class where oid = target and pg_has_role(session_user, relowner, 'usage')) then
    raise exception using errcode = '42501', message = format('must be owner of relation %s', target::regclass);
  end if;`;

/**
 * Functions that the face calls around a client's statement: write locks, declared designs, byte lengths, ALTER TABLE APPEND.
 * The outer ones run as the client, so that names resolve along its search path; the inner ones as the superuser.
 */
export const TABLE_FUNCTIONS_SQL = `
create or replace function redshift_local.lock_relation(target oid) returns void
language plpgsql ${AS_SUPERUSER} as $$
begin
  if exists (
    select from pg_catalog.pg_class
    where oid = target and relkind = 'r' and relpersistence <> 't' and oid >= 16384
      and pg_catalog.has_table_privilege(session_user, oid, 'insert, update, delete')
  ) then
    execute pg_catalog.format('lock table %s in share row exclusive mode', target::pg_catalog.regclass);
  end if;
end $$;

create or replace function redshift_local.lock_for_write(target text) returns void
language sql as $$ select redshift_local.lock_relation(pg_catalog.to_regclass($1)) $$;

create or replace function redshift_local.column_number(target oid, name text) returns smallint
language plpgsql stable strict as $$
declare found smallint;
begin
  select attnum into found from pg_catalog.pg_attribute where attrelid = target and attname = name and attnum > 0;
  if found is null then
    raise exception using errcode = '42703', message = pg_catalog.format('column "%s" named in key does not exist', name);
  end if;
  return found;
end $$;

create or replace function redshift_local.column_numbers(target oid, names jsonb) returns smallint[]
language sql stable as $$
  select coalesce(pg_catalog.array_agg(redshift_local.column_number($1, name) order by position), '{}')
  from pg_catalog.jsonb_array_elements_text($2) with ordinality as listed (name, position)
$$;

create or replace function redshift_local.encodings(target oid, names jsonb) returns jsonb
language sql stable as $$
  select coalesce(pg_catalog.jsonb_object_agg(redshift_local.column_number($1, key), value), '{}')
  from pg_catalog.jsonb_each_text($2)
$$;

create or replace function redshift_local.reject_multibyte(value text) returns boolean
language plpgsql immutable strict as $$
declare
  found text := pg_catalog.substring(value, '[^\\u0001-\\u007f]');
  hex text := pg_catalog.regexp_replace(pg_catalog.encode(pg_catalog.convert_to(found, 'UTF8'), 'hex'), '(..)(?=.)', '\\1 ', 'g');
  reason text := 'Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: ' || hex;
begin
  -- The reason is the one of COPY; that INSERT gives the same is unverified.
  raise exception using errcode = 'XX000', message = reason,
    detail = pg_catalog.concat(E'\\n  error:  ', reason, E'\\n  code:      8001\\n  context:   ', reason, E'\\n');
end $$;

-- VARCHAR(n) counts bytes. The type keeps counting characters, which can only be fewer; the constraint counts bytes.
-- CHAR(n) takes single-byte characters only, which the type counts well.
create or replace function redshift_local.enforce_byte_lengths(target oid) returns void
language plpgsql as $$
declare changes text;
begin
  with wanted as (
    select pg_catalog.format('rs_bytes_%s_%s', attnum, atttypmod - 4) as name,
      pg_catalog.format('pg_catalog.octet_length(%I) <= %s', attname, atttypmod - 4) as condition
    from pg_catalog.pg_attribute
    where attrelid = target and attnum > 0 and not attisdropped and atttypid = 1043 and atttypmod > 4
    union all
    select pg_catalog.format('rs_ascii_%s', attnum),
      pg_catalog.format('pg_catalog.octet_length(%1$I::text) = pg_catalog.char_length(%1$I::text) or redshift_local.reject_multibyte(%1$I::text)', attname)
    from pg_catalog.pg_attribute where attrelid = target and attnum > 0 and not attisdropped and atttypid = 1042
  ),
  existing as (
    select conname as name from pg_catalog.pg_constraint where conrelid = target and conname ~ '^rs_(bytes|ascii)_'
  )
  select pg_catalog.string_agg(change, ', ') into changes
  from (
    select pg_catalog.format('drop constraint %I', name) as change
    from existing where name not in (select name from wanted)
    union all
    select pg_catalog.format('add constraint %I check (%s) not valid', name, condition)
    from wanted where name not in (select name from existing)
  ) as listed;
  if changes is not null then
    execute pg_catalog.format('alter table %s %s', target::pg_catalog.regclass, changes);
  end if;
end $$;

create or replace function redshift_local.declare_relation(target oid, parent oid, design jsonb) returns void
language plpgsql ${AS_SUPERUSER} set client_min_messages = warning as $$
declare base redshift_local.table_design;
begin
  if target is null or exists (select from redshift_local.table_design where table_id = target) then
    return;
  end if;
  ${REQUIRE_OWNER}
  select * into base from redshift_local.table_design where table_id = parent;
  insert into redshift_local.table_design (table_id, diststyle, distkey, sortstyle, sortkey, encode, keys, backup)
  values (
    target,
    coalesce(design ->> 'diststyle', base.diststyle, 'auto'),
    coalesce(redshift_local.column_number(target, design ->> 'distkey'), base.distkey),
    coalesce(design ->> 'sortstyle', base.sortstyle, 'auto'),
    case when design ? 'sortstyle' then redshift_local.column_numbers(target, design -> 'sortkey') else coalesce(base.sortkey, '{}') end,
    coalesce(base.encode, '{}') || redshift_local.encodings(target, design -> 'encode'),
    design -> 'keys',
    (design -> 'backup')::boolean
  );
  perform redshift_local.enforce_byte_lengths(target);
end $$;

create or replace function redshift_local.declare_table(target text, design jsonb) returns void
language sql as $$
  select redshift_local.declare_relation(pg_catalog.to_regclass($1), pg_catalog.to_regclass($2 ->> 'like'), $2)
$$;

create or replace function redshift_local.amend_relation(target oid, design jsonb) returns void
language plpgsql ${AS_SUPERUSER} set client_min_messages = warning as $$
begin
  ${REQUIRE_OWNER}
  update redshift_local.table_design set
    diststyle = coalesce(design ->> 'diststyle', diststyle),
    distkey = case when design ? 'diststyle' then redshift_local.column_number(target, design ->> 'distkey') else distkey end,
    sortstyle = coalesce(design ->> 'sortstyle', sortstyle),
    sortkey = case when design ? 'sortstyle' then redshift_local.column_numbers(target, design -> 'sortkey') else sortkey end,
    encode = encode || redshift_local.encodings(target, design -> 'encode'),
    keys = keys || (design -> 'keys')
  where table_id = target;
  perform redshift_local.enforce_byte_lengths(target);
end $$;

create or replace function redshift_local.amend_table(target text, design jsonb) returns void
language plpgsql as $$
declare relation regclass := pg_catalog.to_regclass(target);
begin
  if relation is null then
    raise exception using errcode = '42P01', message = pg_catalog.format('relation "%s" does not exist', target);
  end if;
  perform redshift_local.amend_relation(relation, design);
end $$;

create or replace function redshift_local.forget_dropped() returns event_trigger
language plpgsql ${AS_SUPERUSER} as $$
begin
  delete from redshift_local.table_design
  where table_id::oid in (
    select objid from pg_catalog.pg_event_trigger_dropped_objects() where classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objsubid = 0
  );
end $$;
drop event trigger if exists redshift_local_forget_dropped;
create event trigger redshift_local_forget_dropped on sql_drop execute function redshift_local.forget_dropped();

create or replace function redshift_local.append_table(target text, source text, mode text) returns void
language plpgsql as $$
declare columns text;
begin
  select pg_catalog.string_agg(pg_catalog.quote_ident(t.attname), ', ' order by t.attnum) into columns
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute s on s.attname = t.attname and s.attrelid = source::regclass and s.attnum > 0 and not s.attisdropped
  where t.attrelid = target::regclass and t.attnum > 0 and not t.attisdropped and t.attidentity = '';
  execute pg_catalog.format('insert into %s (%s) select %s from %s', target::regclass, columns, columns, source::regclass);
  execute pg_catalog.format('truncate table %s', source::regclass);
end $$;

create or replace function redshift_local.row_count(target oid) returns bigint
language plpgsql ${AS_SUPERUSER} as $$
declare counted bigint;
begin
  -- Not of a view: what it calls would run as the superuser.
  if not exists (select from pg_catalog.pg_class where oid = target and relkind = 'r') then
    return null;
  end if;
  execute pg_catalog.format('select count(*) from %s', target::pg_catalog.regclass) into counted;
  return counted;
end $$;

create or replace function redshift_local.column_encoding(type oid, is_sortkey boolean, declared text) returns text
language sql immutable as $$
  select case
    when declared is not null then lower(declared)
    when is_sortkey or type in (16, 700, 701) then 'none'
    when type in (1042, 1043, 25) then 'lzo'
    else 'az64'
  end
$$;

create or replace function redshift_local.compression_report(target text)
returns table ("table" text, "column" text, encoding text, est_reduction_pct numeric(5, 2))
language sql stable as $$
  select target, attname::text, redshift_local.column_encoding(atttypid, false, null), 0.00
  from pg_catalog.pg_attribute where attrelid = target::regclass and attnum > 0 and not attisdropped order by attnum
$$;
`;
