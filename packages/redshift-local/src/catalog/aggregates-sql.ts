const INTEGER_TYPES = ['smallint', 'integer', 'bigint'] as const;

/** Aggregates: AVG that gives a BIGINT for integers, MEDIAN, LISTAGG. */
export const AGGREGATES_SQL = `
create or replace function redshift_local.avg_combine(one numeric[], other numeric[]) returns numeric[]
language sql immutable parallel safe as $$ select array[$1[1] + $2[1], $1[2] + $2[2]] $$;
create or replace function redshift_local.avg_final(state numeric[]) returns bigint
language sql immutable parallel safe as $$ select case when $1[2] > 0 then pg_catalog.trunc($1[1] / $1[2])::bigint end $$;

${INTEGER_TYPES.map(
  (type) => `
create or replace function redshift_local.avg_step(state numeric[], value ${type}) returns numeric[]
language sql immutable parallel safe as $$ select case when $2 is null then $1 else array[$1[1] + $2, $1[2] + 1] end $$;
create or replace aggregate redshift_local.avg(${type}) (
  sfunc = redshift_local.avg_step, stype = numeric[], finalfunc = redshift_local.avg_final,
  combinefunc = redshift_local.avg_combine, initcond = '{0,0}', parallel = safe
);`,
).join('')}
create or replace aggregate redshift_local.avg(numeric) (
  sfunc = pg_catalog.numeric_avg_accum, stype = internal, finalfunc = pg_catalog.numeric_avg, combinefunc = pg_catalog.numeric_avg_combine,
  serialfunc = pg_catalog.numeric_avg_serialize, deserialfunc = pg_catalog.numeric_avg_deserialize, parallel = safe
);
create or replace aggregate redshift_local.avg(double precision) (
  sfunc = pg_catalog.float8_accum, stype = double precision[], finalfunc = pg_catalog.float8_avg,
  combinefunc = pg_catalog.float8_combine, initcond = '{0,0,0}', parallel = safe
);
create or replace aggregate redshift_local.avg(real) (
  sfunc = pg_catalog.float4_accum, stype = double precision[], finalfunc = pg_catalog.float8_avg,
  combinefunc = pg_catalog.float8_combine, initcond = '{0,0,0}', parallel = safe
);
create or replace aggregate redshift_local.avg(interval) (
  sfunc = pg_catalog.interval_avg_accum, stype = internal, finalfunc = pg_catalog.interval_avg, parallel = safe,
  combinefunc = pg_catalog.interval_avg_combine, serialfunc = pg_catalog.interval_avg_serialize, deserialfunc = pg_catalog.interval_avg_deserialize
);

create or replace aggregate redshift_local.listagg(text, text) (
  sfunc = pg_catalog.string_agg_transfn, stype = internal, finalfunc = pg_catalog.string_agg_finalfn
);

create or replace function redshift_local.median_step(state numeric[], value numeric) returns numeric[]
language sql immutable as $$ select case when $2 is null then $1 else $1 || $2 end $$;
create or replace function redshift_local.median_final(state numeric[]) returns numeric
language sql immutable as $$
  select pg_catalog.avg(value) from (
    select value, pg_catalog.row_number() over (order by value) as position, pg_catalog.count(*) over () as total
    from pg_catalog.unnest($1) as listed (value)
  ) as ranked where position in ((total + 1) / 2, (total + 2) / 2)
$$;
create or replace function redshift_local.median_final_double(state numeric[]) returns double precision
language sql immutable as $$ select redshift_local.median_final($1)::double precision $$;
create or replace function redshift_local.median_step_double(state numeric[], value double precision) returns numeric[]
language sql immutable as $$ select case when $2 is null then $1 else $1 || $2::numeric end $$;
create or replace aggregate redshift_local.median(numeric) (
  sfunc = redshift_local.median_step, stype = numeric[], finalfunc = redshift_local.median_final, initcond = '{}'
);
${INTEGER_TYPES.map(
  (type) => `
create or replace function redshift_local.median_step(state numeric[], value ${type}) returns numeric[]
language sql immutable as $$ select case when $2 is null then $1 else $1 || $2::numeric end $$;
create or replace aggregate redshift_local.median(${type}) (
  sfunc = redshift_local.median_step, stype = numeric[], finalfunc = redshift_local.median_final, initcond = '{}'
);`,
).join('')}
create or replace aggregate redshift_local.median(double precision) (
  sfunc = redshift_local.median_step_double, stype = numeric[], finalfunc = redshift_local.median_final_double, initcond = '{}'
);
`;
