import type { CorpusCase } from './corpus-case.js';

const row = (...values: (string | null)[]): readonly (readonly (string | null)[])[] => [values];

/** Functions, operators and literals. */
export const EXPRESSIONS: readonly CorpusCase[] = [
  {
    title: 'NVL, NVL2 and COALESCE',
    sql: "select nvl(null, 'a'), nvl(null, null, 'b'), nvl2(null, 'x', 'y'), nvl2(1, 'x', 'y')",
    rows: row('a', 'b', 'y', 'x'),
  },
  {
    title: 'DECODE finds NULL equal to NULL',
    sql: "select decode(null, 1, 'one', null, 'none', 'else'), decode(2, 1, 'one', 'else'), decode(3, 1, 'a', 2, 'b')",
    rows: row('none', 'else', null),
  },
  { title: 'nested functions', sql: "select nvl(decode(len('abc'), 3, nvl2(null, 1, 2)), 0)", rows: row('2') },
  { title: 'LEN counts characters', sql: "select len('äbc'), octet_length('äbc')", rows: row('3', '4') },
  {
    title: 'STRTOL',
    sql: "select strtol('ff', 16), strtol('0xABC', 16), strtol('-1010', 2)",
    rows: row('255', '2748', '-10'),
  },
  {
    title: 'REGEXP_REPLACE replaces every match',
    sql: "select regexp_replace('a.b.c', '\\\\.', '-'), regexp_replace('abc123', '[0-9]')",
    rows: row('a-b-c', 'abc'),
  },
  {
    title: 'a plain string takes backslash escapes',
    sql: "select 'it\\'s', 'a\\tb' = chr(97) || chr(9) || chr(98)",
    rows: row("it's", 't'),
  },
  {
    title: 'CONCAT takes two arguments and keeps NULL',
    sql: "select concat('a', 'b'), concat('a', null)",
    rows: row('ab', null),
  },
  {
    title: 'AVG of integers is an integer',
    sql: 'select avg(n), avg(n::float) from (select 1 as n union all select 2) t',
    rows: row('1', '1.5'),
    columns: ['avg', 'avg'],
  },
  { title: 'integer division cuts', sql: 'select 7 / 2, -7 / 2, 7.0 / 2', rows: row('3', '-3', '3.5000000000000000') },
  {
    title: 'LISTAGG orders',
    sql: "select listagg(n, ',') within group (order by n desc) from (select 1 as n union all select 2) t",
    rows: row('2,1'),
    columns: ['listagg'],
  },
  {
    title: 'LISTAGG of distinct values',
    sql: "select listagg(distinct n, ',') within group (order by n desc) from (select 1 as n union all select 2 union all select 1) t",
    rows: row('2,1'),
  },
  {
    title: 'LISTAGG as a window function',
    sql: "select distinct listagg(n, ',') within group (order by n) over (partition by g) from (select 1 as n, 1 as g union all select 2, 1) t",
    rows: row('1,2'),
  },
  {
    title: 'MEDIAN',
    sql: 'select median(n) from (select 1 as n union all select 2 union all select 10) t',
    rows: row('2.0000000000000000'),
  },
  {
    title: 'APPROXIMATE COUNT(DISTINCT)',
    sql: 'select approximate count(distinct n) from (select 1 as n union all select 1) t',
    rows: row('1'),
  },
  {
    title: 'RATIO_TO_REPORT',
    sql: 'select ratio_to_report(n) over () from (select 1 as n union all select 3) t order by 1',
    rows: [['0.25'], ['0.75']],
  },
  {
    title: 'JSON_EXTRACT_PATH_TEXT',
    sql: `select json_extract_path_text('{"a":{"b":"c"}}', 'a', 'b')`,
    rows: row('c'),
  },
  {
    title: 'casts of Redshift types',
    sql: "select cast('12.5' as decimal), '3'::nvarchar(10), convert(integer, '4'), 'abc'::varchar(max)",
    rows: row('13', '3', '4', 'abc'),
  },
  {
    title: 'quoted identifiers fold',
    sql: 'select "FirstName" from (select 1 as firstname) t',
    columns: ['firstname'],
    rows: row('1'),
  },
  {
    title: 'identifiers keep their case on request',
    given: 'set enable_case_sensitive_identifier to on',
    sql: 'select 1 as "FirstName"',
    columns: ['FirstName'],
  },
  { title: 'ILIKE and SIMILAR TO', sql: "select 'ABC' ilike 'a%', 'abc' similar to '(abc|x)'", rows: row('t', 't') },
  {
    title: 'comments do not confuse the rewriting',
    sql: "select /* nvl(1, 2) */ nvl(null, 'x') -- decode(",
    rows: row('x'),
  },
  {
    title: 'version() names Redshift',
    sql: "select substring(version(), 1, 16), version() like '%Redshift 1.0.%'",
    rows: row('PostgreSQL 8.0.2', 't'),
  },
  { title: 'SHOW search_path', sql: 'show search_path', rows: row('$user, public'), columns: ['search_path'] },
  { title: 'SHOW query_group', given: "set query_group to 'load'", sql: 'show query_group', rows: row('load') },
];
