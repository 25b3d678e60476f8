/** Text, number and JSON functions. */
export const TEXT_FUNCTIONS_SQL = `
create or replace function pg_catalog.len(value text) returns integer
language sql immutable parallel safe as $$ select pg_catalog.length($1) $$;
create or replace function pg_catalog.textlen(value text) returns integer
language sql immutable parallel safe as $$ select pg_catalog.length($1) $$;
create or replace function pg_catalog.charindex(part text, value text) returns integer
language sql immutable parallel safe as $$ select pg_catalog.strpos($2, $1) $$;
create or replace function pg_catalog.replicate(value text, times integer) returns text
language sql immutable parallel safe as $$ select pg_catalog.repeat($1, $2) $$;
create or replace function pg_catalog.sha1(value text) returns text
language sql immutable parallel safe as $$ select redshift_local.not_supported('sha1') $$;
create or replace function pg_catalog.sha2(value text, bits integer) returns text
language sql immutable parallel safe as $$
  select pg_catalog.encode(case $2
    when 224 then pg_catalog.sha224(pg_catalog.convert_to($1, 'UTF8')) when 384 then pg_catalog.sha384(pg_catalog.convert_to($1, 'UTF8'))
    when 512 then pg_catalog.sha512(pg_catalog.convert_to($1, 'UTF8')) else pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8')) end, 'hex')
$$;
create or replace function redshift_local.not_supported(name text) returns text
language plpgsql immutable as $$
begin
  raise exception using errcode = '0A000', message = pg_catalog.format('function %s() is not supported by redshift-local', name);
end $$;

create or replace function pg_catalog.strtol(digits text, base integer) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  body text := pg_catalog.lower(pg_catalog.btrim($1));
  sign integer := 1;
  result numeric := 0;
  digit integer;
begin
  if body like '-%' then sign := -1; end if;
  body := pg_catalog.ltrim(body, '+-');
  if $2 = 16 then body := pg_catalog.regexp_replace(body, '^0x', ''); end if;
  for at in 1 .. pg_catalog.length(body) loop
    digit := pg_catalog.strpos('0123456789abcdefghijklmnopqrstuvwxyz', pg_catalog.substr(body, at, 1)) - 1;
    if digit < 0 or digit >= $2 then
      raise exception using errcode = '22023', message = pg_catalog.format('The input %s is not valid to be converted to base %s', $1, $2);
    end if;
    result := result * $2 + digit;
  end loop;
  return (sign * result)::bigint;
end $$;

-- Redshift writes references to groups as $1, PostgreSQL as \\1.
create or replace function redshift_local.regexp_replace(value text, pattern text, replacement text default '') returns text
language sql immutable parallel safe as $$
  select pg_catalog.regexp_replace($1, $2, pg_catalog.regexp_replace($3, '\\$([0-9])', '\\\\\\1', 'g'), 'g')
$$;
create or replace function redshift_local.regexp_replace(value text, pattern text, replacement text, start_at integer) returns text
language sql immutable parallel safe as $$
  select pg_catalog.left($1, $4 - 1) || redshift_local.regexp_replace(pg_catalog.substr($1, $4), $2, $3)
$$;
create or replace function redshift_local.regexp_replace(value text, pattern text, replacement text, start_at integer, parameters text)
returns text language sql immutable parallel safe as $$
  select pg_catalog.left($1, $4 - 1) || pg_catalog.regexp_replace(pg_catalog.substr($1, $4), $2,
    pg_catalog.regexp_replace($3, '\\$([0-9])', '\\\\\\1', 'g'), 'g' || pg_catalog.translate($5, 'pe', ''))
$$;

create or replace function redshift_local.concat(one text, other text) returns text
language sql immutable parallel safe as $$ select $1 || $2 $$;
create or replace function redshift_local.version() returns text
language sql immutable parallel safe as $$
  select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.80000'
$$;

create or replace function redshift_local.json_extract_path_text(document text, variadic path text[]) returns text
language plpgsql immutable parallel safe as $$
declare ignore_invalid boolean := false;
begin
  if $1 is null then return null; end if;
  return pg_catalog.json_extract_path_text($1::json, variadic $2);
exception when invalid_text_representation then
  if ignore_invalid then return null; end if;
  raise exception using errcode = '22P02', message = 'JSON parsing error', detail = 'invalid json object ' || $1;
end $$;
create or replace function redshift_local.json_extract_path_text(document text, one text, null_if_invalid boolean) returns text
language sql immutable parallel safe as $$
  select case when $3 and not pg_catalog.pg_input_is_valid($1, 'json') then null else redshift_local.json_extract_path_text($1, $2) end
$$;
create or replace function redshift_local.json_array_length(document text) returns integer
language sql immutable parallel safe as $$ select pg_catalog.json_array_length($1::json) $$;
create or replace function pg_catalog.json_extract_array_element_text(document text, start_at integer) returns text
language sql immutable parallel safe as $$ select $1::json ->> $2 $$;
create or replace function pg_catalog.is_valid_json(document text) returns boolean
language sql immutable parallel safe as $$ select pg_catalog.pg_input_is_valid($1, 'json') and pg_catalog.btrim($1) like '{%' $$;
create or replace function pg_catalog.is_valid_json_array(document text) returns boolean
language sql immutable parallel safe as $$ select pg_catalog.pg_input_is_valid($1, 'json') and pg_catalog.btrim($1) like '[%' $$;

-- The type of the argument is kept, as in Redshift.
create or replace function redshift_local.round(value numeric) returns numeric language sql immutable as $$ select pg_catalog.round($1) $$;
create or replace function redshift_local.round(value numeric, digits integer) returns numeric language sql immutable as $$ select pg_catalog.round($1, $2) $$;
create or replace function redshift_local.round(value double precision) returns double precision language sql immutable as $$ select pg_catalog.round($1) $$;
create or replace function redshift_local.round(value double precision, digits integer) returns double precision
language sql immutable as $$ select pg_catalog.round($1::numeric, $2)::double precision $$;
create or replace function redshift_local.round(value bigint, digits integer default 0) returns bigint
language sql immutable as $$ select pg_catalog.round($1::numeric, $2)::bigint $$;
create or replace function redshift_local.round(value integer, digits integer default 0) returns integer
language sql immutable as $$ select pg_catalog.round($1::numeric, $2)::integer $$;
create or replace function redshift_local.trunc(value numeric, digits integer default 0) returns numeric language sql immutable as $$ select pg_catalog.trunc($1, $2) $$;
create or replace function redshift_local.trunc(value double precision) returns double precision language sql immutable as $$ select pg_catalog.trunc($1) $$;
create or replace function redshift_local.trunc(value double precision, digits integer) returns double precision
language sql immutable as $$ select pg_catalog.trunc($1::numeric, $2)::double precision $$;
`;
