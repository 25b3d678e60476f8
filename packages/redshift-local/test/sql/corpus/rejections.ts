import type { CorpusCase } from './corpus-case.js';

const GIVEN = 'create temp table r (a int, b varchar(5)); create temp table s (a int, b varchar(5))';
const unsupported = (sql: string): CorpusCase => ({
  title: sql,
  given: GIVEN,
  sql,
  error: { code: '0A000', message: `SQL command "${sql}" not supported on Redshift tables.` },
});
/** The error stands at the first word of `tail`. */
const syntax = (head: string, tail: string): CorpusCase => {
  const near = /^(?:\w+|\()/.exec(tail)?.[0] ?? '';
  const error = { code: '42601', message: `syntax error at or near "${near}"`, position: head.length + 1 };
  return { title: head + tail, given: GIVEN, sql: head + tail, error };
};
const type = (name: string): CorpusCase => ({
  title: `a column of type ${name}`,
  sql: `create table bad (x ${name})`,
  error: { code: '0A000', message: `Column "bad.x" has unsupported type "${name}".`, position: 21 },
});

/** What Redshift rejects, with its message. */
export const REJECTIONS: readonly CorpusCase[] = [
  unsupported('create index i on r (a)'),
  unsupported('create unique index i on r (a)'),
  unsupported('create sequence q'),
  unsupported('create trigger t before insert on r execute function f()'),
  unsupported("create type mood as enum ('a')"),
  unsupported('savepoint a'),
  syntax('insert into r values (1) ', 'on conflict do nothing'),
  syntax('insert into r values (1) ', 'returning a'),
  syntax('update r set a = 1 ', 'returning *'),
  syntax('delete from r ', 'returning a'),
  syntax('create ', 'extension hstore'),
  syntax('create table p (a int) ', 'partition by range (a)'),
  syntax('create table p (a int) ', 'tablespace x'),
  syntax('create table p (a int ', 'check (a > 0))'),
  syntax('merge into r using ', '(select 1 as a) s on r.a = s.a when matched then delete'),
  syntax('merge into r using s on r.a = s.a when matched ', 'and s.a = 1 then delete'),
  syntax('merge into r using s on r.a = s.a when not matched then ', 'do nothing'),
  type('uuid'),
  type('jsonb'),
  type('serial'),
  type('int[]'),
  {
    title: 'generate_series with a user table',
    given: GIVEN,
    sql: 'select * from r, generate_series(1, 2)',
    error: {
      code: '0A000',
      message: 'Specified types or functions (one per INFO message) not supported on Redshift tables.',
    },
  },
  { title: 'generate_series on its own', sql: 'select count(*) from generate_series(1, 3)', rows: [['3']] },
  {
    title: 'COPY from the client',
    given: GIVEN,
    sql: 'copy r from stdin',
    error: {
      code: '0A000',
      message: 'LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)',
    },
  },
  {
    title: 'nine interleaved columns',
    sql: 'create table n (a int, b int, c int, d int, e int, f int, g int, h int, i int) interleaved sortkey (a, b, c, d, e, f, g, h, i)',
    error: { code: '42P16', message: 'interleaved sort key cannot have more than 8 columns' },
  },
];
