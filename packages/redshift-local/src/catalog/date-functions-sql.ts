/**
 * Date functions. Bodies are SQL expressions of immutable parts, so PostgreSQL inlines them and folds the part name away.
 * `part_name` maps every spelling in DG "Date parts for date or timestamp functions" to one that PostgreSQL knows.
 */
export const DATE_FUNCTIONS_SQL = `
create or replace function redshift_local.part_name(part text) returns text
language sql immutable parallel safe as $$
  select case pg_catalog.lower($1)
    when 'millennium' then 'millennium' when 'mil' then 'millennium' when 'mils' then 'millennium' when 'millennia' then 'millennium'
    when 'century' then 'century' when 'c' then 'century' when 'cent' then 'century' when 'cents' then 'century' when 'centuries' then 'century'
    when 'decade' then 'decade' when 'dec' then 'decade' when 'decs' then 'decade' when 'decades' then 'decade'
    when 'year' then 'year' when 'y' then 'year' when 'yr' then 'year' when 'yrs' then 'year' when 'years' then 'year'
    when 'quarter' then 'quarter' when 'qtr' then 'quarter' when 'qtrs' then 'quarter' when 'quarters' then 'quarter'
    when 'month' then 'month' when 'mon' then 'month' when 'mons' then 'month' when 'months' then 'month'
    when 'week' then 'week' when 'w' then 'week' when 'weeks' then 'week'
    when 'day' then 'day' when 'd' then 'day' when 'days' then 'day' when 'dayofmonth' then 'day' when 'daymonth' then 'day'
    when 'dayofweek' then 'dow' when 'dow' then 'dow' when 'dw' then 'dow' when 'weekday' then 'dow'
    when 'dayofyear' then 'doy' when 'doy' then 'doy' when 'dy' then 'doy' when 'yearday' then 'doy'
    when 'hour' then 'hour' when 'h' then 'hour' when 'hr' then 'hour' when 'hrs' then 'hour' when 'hours' then 'hour'
    when 'minute' then 'minute' when 'm' then 'minute' when 'min' then 'minute' when 'mins' then 'minute' when 'minutes' then 'minute'
    when 'second' then 'second' when 's' then 'second' when 'sec' then 'second' when 'secs' then 'second' when 'seconds' then 'second'
    when 'millisecond' then 'milliseconds' when 'ms' then 'milliseconds' when 'msec' then 'milliseconds' when 'msecs' then 'milliseconds'
    when 'msecond' then 'milliseconds' when 'mseconds' then 'milliseconds' when 'millisec' then 'milliseconds'
    when 'millisecs' then 'milliseconds' when 'millisecon' then 'milliseconds' when 'milliseconds' then 'milliseconds'
    when 'microsecond' then 'microseconds' when 'us' then 'microseconds' when 'usec' then 'microseconds' when 'usecs' then 'microseconds'
    when 'usecond' then 'microseconds' when 'useconds' then 'microseconds' when 'microsec' then 'microseconds'
    when 'microsecs' then 'microseconds' when 'microseconds' then 'microseconds'
    else pg_catalog.lower($1)
  end
$$;

create or replace function redshift_local.part_interval(part text) returns interval
language sql immutable parallel safe as $$
  select case redshift_local.part_name($1)
    when 'millennium' then interval '1000 years' when 'century' then interval '100 years' when 'decade' then interval '10 years'
    when 'year' then interval '1 year' when 'quarter' then interval '3 months' when 'month' then interval '1 month'
    when 'week' then interval '7 days' when 'day' then interval '1 day' when 'dow' then interval '1 day' when 'doy' then interval '1 day'
    when 'hour' then interval '1 hour' when 'minute' then interval '1 minute' when 'second' then interval '1 second'
    when 'milliseconds' then interval '1 millisecond' when 'microseconds' then interval '1 microsecond'
    else redshift_local.unknown_part($1)::interval
  end
$$;

create or replace function redshift_local.unknown_part(part text) returns text
language plpgsql immutable parallel safe as $$
begin
  raise exception using errcode = '22023', message = pg_catalog.format('Unsupported date part "%s"', part);
end $$;

-- A day too many in the month ends at its last day, in both.
create or replace function redshift_local.dateadd(part text, amount bigint, value timestamp) returns timestamp
language sql immutable parallel safe as $$ select $3 + $2 * redshift_local.part_interval($1) $$;
create or replace function redshift_local.dateadd(part text, amount bigint, value date) returns timestamp
language sql immutable parallel safe as $$ select $3 + $2 * redshift_local.part_interval($1) $$;
create or replace function redshift_local.dateadd(part text, amount bigint, value timestamptz) returns timestamptz
language sql stable parallel safe as $$ select $3 + $2 * redshift_local.part_interval($1) $$;
create or replace function redshift_local.dateadd(part text, amount bigint, value time) returns time
language sql immutable parallel safe as $$ select $3 + $2 * redshift_local.part_interval($1) $$;

-- The number of a value's unit since a fixed start: the difference of two numbers is the count of boundaries between them.
-- 2000-01-02 was a Sunday, where Redshift's weeks start for DATEDIFF.
create or replace function redshift_local.unit_number(part text, value timestamp) returns bigint
language sql immutable parallel safe as $$
  select case redshift_local.part_name($1)
    when 'millennium' then pg_catalog.date_part('millennium', $2)::bigint
    when 'century' then pg_catalog.date_part('century', $2)::bigint
    when 'decade' then pg_catalog.date_part('decade', $2)::bigint
    when 'year' then pg_catalog.date_part('year', $2)::bigint
    when 'quarter' then (pg_catalog.date_part('year', $2) * 4 + pg_catalog.date_part('quarter', $2))::bigint
    when 'month' then (pg_catalog.date_part('year', $2) * 12 + pg_catalog.date_part('month', $2))::bigint
    when 'week' then pg_catalog.floor(($2::date - date '2000-01-02') / 7.0)::bigint
    when 'day' then ($2::date - date '2000-01-01')::bigint
    when 'dow' then ($2::date - date '2000-01-01')::bigint
    when 'doy' then ($2::date - date '2000-01-01')::bigint
    when 'hour' then pg_catalog.floor(extract(epoch from $2) / 3600)::bigint
    when 'minute' then pg_catalog.floor(extract(epoch from $2) / 60)::bigint
    when 'second' then pg_catalog.floor(extract(epoch from $2))::bigint
    when 'milliseconds' then pg_catalog.floor(extract(epoch from $2) * 1000)::bigint
    when 'microseconds' then (extract(epoch from $2) * 1000000)::bigint
    else redshift_local.unknown_part($1)::bigint
  end
$$;

create or replace function redshift_local.datediff(part text, earlier timestamp, later timestamp) returns bigint
language sql immutable parallel safe as $$
  select redshift_local.unit_number($1, $3) - redshift_local.unit_number($1, $2)
$$;
create or replace function redshift_local.datediff(part text, earlier date, later date) returns bigint
language sql immutable parallel safe as $$ select redshift_local.datediff($1, $2::timestamp, $3::timestamp) $$;
create or replace function redshift_local.datediff(part text, earlier timestamptz, later timestamptz) returns bigint
language sql stable parallel safe as $$ select redshift_local.datediff($1, $2 at time zone 'UTC', $3 at time zone 'UTC') $$;
create or replace function redshift_local.datediff(part text, earlier time, later time) returns bigint
language sql immutable parallel safe as $$
  select redshift_local.datediff($1, timestamp '2000-01-01' + $2, timestamp '2000-01-01' + $3)
$$;

create or replace function redshift_local.date_part(part text, value timestamp) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_part(part text, value date) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2::timestamp) $$;
create or replace function redshift_local.date_part(part text, value timestamptz) returns double precision
language sql stable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_part(part text, value time) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_part(part text, value interval) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;

-- EXTRACT: the third argument only chooses the type of the result; fractions of a second are cut off.
create or replace function redshift_local.date_part(part text, value timestamp, like_type integer) returns integer
language sql immutable parallel safe as $$ select pg_catalog.floor(pg_catalog.date_part(redshift_local.part_name($1), $2))::integer $$;
create or replace function redshift_local.date_part(part text, value timestamp, like_type bigint) returns bigint
language sql immutable parallel safe as $$ select pg_catalog.floor(pg_catalog.date_part(redshift_local.part_name($1), $2))::bigint $$;
create or replace function redshift_local.date_part(part text, value date, like_type integer) returns integer
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2::timestamp)::integer $$;
create or replace function redshift_local.date_part(part text, value date, like_type bigint) returns bigint
language sql immutable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2::timestamp)::bigint $$;
create or replace function redshift_local.date_part(part text, value timestamptz, like_type integer) returns double precision
language sql stable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_part(part text, value timestamptz, like_type bigint) returns double precision
language sql stable parallel safe as $$ select pg_catalog.date_part(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_part(part text, value time, like_type integer) returns integer
language sql immutable parallel safe as $$ select pg_catalog.floor(pg_catalog.date_part(redshift_local.part_name($1), $2))::integer $$;
create or replace function redshift_local.date_part(part text, value interval, like_type integer) returns integer
language sql immutable parallel safe as $$ select pg_catalog.floor(pg_catalog.date_part(redshift_local.part_name($1), $2))::integer $$;
create or replace function redshift_local.date_part(part text, value interval, like_type bigint) returns bigint
language sql immutable parallel safe as $$ select pg_catalog.floor(pg_catalog.date_part(redshift_local.part_name($1), $2))::bigint $$;

create or replace function redshift_local.date_trunc(part text, value timestamp) returns timestamp
language sql immutable parallel safe as $$ select pg_catalog.date_trunc(redshift_local.part_name($1), $2) $$;
create or replace function redshift_local.date_trunc(part text, value date) returns timestamp
language sql immutable parallel safe as $$ select pg_catalog.date_trunc(redshift_local.part_name($1), $2::timestamp) $$;
create or replace function redshift_local.date_trunc(part text, value timestamptz) returns timestamptz
language sql stable parallel safe as $$ select pg_catalog.date_trunc(redshift_local.part_name($1), $2) $$;

create or replace function pg_catalog.getdate() returns timestamp
language sql stable as $$ select pg_catalog.date_trunc('second', pg_catalog.statement_timestamp()::timestamp) $$;
create or replace function pg_catalog.sysdate() returns timestamp
language sql stable as $$ select pg_catalog.transaction_timestamp()::timestamp $$;

create or replace function pg_catalog.convert_timezone(source text, target text, value timestamp) returns timestamp
language sql stable as $$ select ($3 at time zone $1) at time zone $2 $$;
create or replace function pg_catalog.convert_timezone(target text, value timestamp) returns timestamp
language sql stable as $$ select ($2 at time zone 'UTC') at time zone $1 $$;
create or replace function pg_catalog.convert_timezone(target text, value timestamptz) returns timestamp
language sql stable as $$ select $2 at time zone $1 $$;

create or replace function pg_catalog.last_day(value timestamp) returns date
language sql immutable as $$ select (pg_catalog.date_trunc('month', $1) + interval '1 month - 1 day')::date $$;
create or replace function pg_catalog.add_months(value timestamp, months integer) returns timestamp
language sql immutable as $$
  select case when $1::date = pg_catalog.last_day($1)
    then pg_catalog.last_day($1 + $2 * interval '1 month') + $1::time else $1 + $2 * interval '1 month' end
$$;
create or replace function pg_catalog.months_between(later timestamp, earlier timestamp) returns double precision
language sql immutable as $$
  select (pg_catalog.date_part('year', $1) - pg_catalog.date_part('year', $2)) * 12
    + pg_catalog.date_part('month', $1) - pg_catalog.date_part('month', $2)
    + case when ($1::date = pg_catalog.last_day($1) and $2::date = pg_catalog.last_day($2)) or pg_catalog.date_part('day', $1) = pg_catalog.date_part('day', $2)
      then 0 else (pg_catalog.date_part('day', $1) - pg_catalog.date_part('day', $2)) / 31 end
$$;
create or replace function pg_catalog.date_cmp(one date, other date) returns integer
language sql immutable as $$ select case when $1 < $2 then -1 when $1 > $2 then 1 else 0 end $$;
create or replace function redshift_local.trunc(value timestamp) returns date language sql immutable as $$ select $1::date $$;
`;
