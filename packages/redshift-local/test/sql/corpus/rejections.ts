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
const syntaxAt = (head: string, tail: string, near: string): CorpusCase => ({
  ...syntax(head, tail),
  error: { code: '42601', message: `syntax error at or near "${near}"`, position: head.length + 1 },
});
const definition = (sql: string, message: string): CorpusCase => ({
  title: sql,
  sql,
  error: { code: '42P16', message },
});
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
  syntaxAt('truncate r', ', s', ','),
  syntax('truncate table r ', 'cascade'),
  syntax('truncate r ', 'restart identity'),
  syntax('truncate r ', 'foo bar'),
  syntax('vacuum r ', 'foo'),
  syntaxAt('vacuum r', ', s', ','),
  syntax('vacuum sort ', 'r'),
  syntax('vacuum r to ', 'most'),
  syntax('vacuum r to 95 percent boost ', 'foo'),
  syntaxAt('analyze r', ', s', ','),
  syntax('analyze r ', 'foo'),
  syntax('analyze r (a) predicate columns ', 'foo'),
  syntax('analyze compression r ', 'foo'),
  syntax('analyze compression r comprows ', 'many'),
  definition('create table bad (a int) diststyle key', 'DISTSTYLE KEY requires a DISTKEY column'),
  definition('create table bad diststyle key as select 1 as a', 'DISTSTYLE KEY requires a DISTKEY column'),
  definition('create table bad (a int distkey, b int distkey)', 'multiple DISTKEY columns are not allowed'),
  definition('create table bad (a int distkey, b int) distkey (b)', 'multiple DISTKEY columns are not allowed'),
  definition('create table bad (a int, b int) distkey (a) distkey (b)', 'multiple DISTKEY columns are not allowed'),
  definition('create table bad (a int, b int) distkey (a, b)', 'multiple DISTKEY columns are not allowed'),
  definition('create table bad (a int distkey) diststyle even', 'DISTSTYLE EVEN cannot have a DISTKEY column'),
  definition('create table bad (a int sortkey, b int) sortkey (b)', 'multiple sort keys are not allowed'),
  definition('create table bad (a int, b int) sortkey (a) sortkey (b)', 'multiple sort keys are not allowed'),
  definition(
    'create table bad (a int identity (0, 1), b int identity (0, 1))',
    'multiple IDENTITY columns are not allowed',
  ),
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
