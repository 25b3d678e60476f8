import type { CorpusCase } from './corpus-case.js';

const GIVEN = `create temp table play (who varchar(10), song varchar(10), n int);
insert into play values ('a', 'x', 1), ('a', 'y', 3), ('b', 'x', 2), ('b', 'y', 2)`;

/** Whole queries. */
export const QUERIES: readonly CorpusCase[] = [
  { title: 'TOP limits', given: GIVEN, sql: 'select top 1 who, n from play order by n desc', rows: [['a', '3']] },
  {
    title: 'DISTINCT TOP in a subquery',
    given: GIVEN,
    sql: 'select count(*) from (select distinct top 1 who from play) t',
    rows: [['1']],
  },
  { title: 'MINUS', given: GIVEN, sql: "select who from play minus select 'a'", rows: [['b']] },
  {
    title: 'QUALIFY keeps the columns of *',
    given: GIVEN,
    sql: 'select * from play qualify row_number() over (partition by who order by n desc, song) = 1 order by who',
    columns: ['who', 'song', 'n'],
    rows: [
      ['a', 'y', '3'],
      ['b', 'x', '2'],
    ],
  },
  {
    title: 'QUALIFY sees aliases of the select list',
    given: GIVEN,
    sql: 'select who, rank() over (order by n) as place from play qualify place = 1',
    columns: ['who', 'place'],
    rows: [['a', '1']],
  },
  {
    title: 'QUALIFY after WHERE, over a join, with *',
    given: GIVEN,
    sql: "select * from play p join (select 'a' as name) q on q.name = p.who where n > 0 qualify row_number() over (order by n) = 1",
    columns: ['who', 'song', 'n', 'name'],
    rows: [['a', 'x', '1', 'a']],
  },
  {
    title: 'a common table expression with QUALIFY',
    given: GIVEN,
    sql: 'with best as (select who, n from play qualify row_number() over (partition by who order by n desc, song) = 1) select sum(n) from best',
    rows: [['5']],
  },
  {
    title: 'CTAS keeps the design',
    given: GIVEN,
    sql: 'create temp table copy1 diststyle all sortkey (who) as select * from play; select count(*) from copy1',
    rows: [['4']],
  },
  {
    title: 'INSERT with a common table expression after the columns',
    given: GIVEN,
    sql: "insert into play (who, n) with more as (select 'c' as who, 9 as n) select who, n from more; select count(*) from play",
    rows: [['5']],
  },
  {
    title: 'DELETE without FROM, and with USING',
    given: GIVEN,
    sql: "delete play where who = 'a'; delete from play using (select 'y' as song) s where play.song = s.song; select count(*) from play",
    rows: [['1']],
  },
  {
    title: 'a temporary table by its name',
    sql: 'create table #stage (a int); insert into #stage values (5); select a from #stage',
    rows: [['5']],
  },
  {
    title: 'MERGE updates and inserts',
    given: `${GIVEN}; create temp table src (who varchar(10), n int); insert into src values ('a', 7), ('z', 8)`,
    sql: 'merge into play using src on play.who = src.who when matched then update set n = src.n when not matched then insert (who, n) values (src.who, src.n); select who, sum(n) from play group by who order by who',
    rows: [
      ['a', '14'],
      ['b', '4'],
      ['z', '8'],
    ],
  },
  {
    title: 'MERGE with two matches fails',
    given: `${GIVEN}; create temp table src (who varchar(10), n int); insert into src values ('a', 7), ('a', 8)`,
    sql: 'merge into play using src on play.who = src.who when matched then delete when not matched then insert (who, n) values (src.who, src.n)',
    error: { code: '21000', message: 'Found multiple matches to update the same tuple.' },
  },
  {
    title: 'MERGE REMOVE DUPLICATES',
    given: `${GIVEN}; create temp table src (who varchar(10), song varchar(10), n int); insert into src values ('a', 'x', 1), ('a', 'x', 1), ('q', 'x', 1)`,
    sql: 'merge into play using src on play.who = src.who remove duplicates; select who, count(*) from play group by who order by who',
    rows: [
      ['a', '1'],
      ['b', '2'],
      ['q', '1'],
    ],
  },
];
