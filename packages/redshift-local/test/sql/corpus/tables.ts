import type { CorpusCase } from './corpus-case.js';

const design = (name: string): string =>
  `select diststyle, sortkey1, sortkey_num, encoded from svv_table_info where "table" = '${name}'`;

/** Table definitions, and what Redshift enforces of them. */
export const TABLES: readonly CorpusCase[] = [
  {
    title: 'DISTKEY and SORTKEY of columns',
    given: 'create table d1 (a int distkey, b int sortkey encode az64); insert into d1 values (1, 2)',
    sql: design('d1'),
    rows: [['KEY(a)', 'b', '1', 'Y']],
  },
  {
    title: 'table attributes in any order',
    given:
      'create table d2 (a int, b int, c int) sortkey (b, c) diststyle key distkey (a) backup no; insert into d2 values (1, 2, 3)',
    sql: design('d2'),
    rows: [['KEY(a)', 'b', '2', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'an interleaved sort key',
    given: 'create table d3 (a int, b int) diststyle even interleaved sortkey (a, b); insert into d3 values (1, 2)',
    sql: `${design('d3')}; select "column", sortkey from pg_table_def where tablename = 'd3'`,
    rows: [
      ['a', '1'],
      ['b', '-2'],
    ],
  },
  {
    title: 'nothing declared is AUTO',
    given: 'create table d4 (a int); insert into d4 values (1)',
    sql: design('d4'),
    rows: [['AUTO(ALL)', 'AUTO(SORTKEY)', '0', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'an empty table is not in svv_table_info',
    given: 'create table d5 (a int) diststyle all',
    sql: design('d5'),
    rows: [],
  },
  {
    title: 'the design can be altered',
    given:
      'create table d6 (a int, b int); insert into d6 values (1, 2); alter table d6 alter diststyle all; alter table d6 alter compound sortkey (b)',
    sql: design('d6'),
    rows: [['ALL', 'b', '1', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'the design outlives a dropped column',
    given:
      'create table d9 (a int, b int, c int) diststyle even; insert into d9 values (1, 2, 3); alter table d9 drop column c; alter table d9 alter distkey b',
    sql: design('d9'),
    rows: [['KEY(b)', 'AUTO(SORTKEY)', '0', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'LIKE takes the design over',
    given: 'create table d7 (a int not null distkey); create table d8 (like d7); insert into d8 values (1)',
    sql: design('d8'),
    rows: [['KEY(a)', 'AUTO(SORTKEY)', '0', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'IDENTITY starts at its seed',
    given: 'create table i1 (id bigint identity(0, 1), a int); insert into i1 (a) values (1), (2)',
    sql: 'select id from i1 order by id',
    rows: [['0'], ['1']],
  },
  {
    title: 'IDENTITY takes a seed and a step',
    given: 'create table i2 (id int identity(10, -5), a int); insert into i2 (a) values (1), (2)',
    sql: 'select id from i2 order by a',
    rows: [['10'], ['5']],
  },
  {
    title: 'IDENTITY takes no value',
    given: 'create table i3 (id int identity(1, 1), a int)',
    sql: 'insert into i3 (id) values (4)',
    error: { code: '0A000', message: 'cannot set an identity column to a value' },
  },
  {
    title: 'keys are informational',
    given:
      'create table k0 (a int primary key); create table k1 (a int primary key, b int unique, foreign key (b) references k0 (a)); insert into k1 values (1, 1), (1, 1)',
    sql: 'select count(*) from k1',
    rows: [['2']],
  },
  {
    title: 'a primary key is not null',
    given: 'create table k2 (a int, b int, primary key (a))',
    sql: 'insert into k2 (b) values (1)',
    error: { code: '23502', message: 'Cannot insert a NULL value into column a' },
  },
  {
    title: 'VARCHAR counts bytes',
    given: 'create table v1 (a varchar(3))',
    sql: "insert into v1 values ('ää')",
    error: { code: '22001', message: 'Value too long for character type' },
  },
  {
    title: 'VARCHAR counts bytes in UPDATE too',
    given: "create table v2 (a varchar(3)); insert into v2 values ('abc')",
    sql: "update v2 set a = 'äb' || 'ä'",
    error: { code: '22001', message: 'Value too long for character type' },
  },
  {
    title: 'CHAR takes single-byte characters only',
    given: 'create table w4 (a char(3))',
    sql: "insert into w4 values ('é')",
    error: {
      code: 'XX000',
      message: 'Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9',
    },
  },
  {
    title: 'CHAR pads, and takes all that is single-byte',
    given: "create table w5 (a char(3), b char); insert into w5 values ('a', null), ('abc', '')",
    sql: 'select len(a), b from w5 order by a',
    rows: [
      ['1', null],
      ['3', ' '],
    ],
  },
  {
    title: 'CHAR of an altered table takes single-byte characters only',
    given: 'create table w6 (a int); alter table w6 add column b char(3)',
    sql: "insert into w6 values (1, 'aé')",
    error: {
      code: 'XX000',
      message: 'Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9',
    },
  },
  {
    title: 'bare types have lengths',
    given: 'create table v3 (a varchar, b text, c varchar(max), d decimal, e char, f nvarchar(7))',
    sql: `select "column", type from pg_table_def where tablename = 'v3'`,
    rows: [
      ['a', 'character varying(256)'],
      ['b', 'character varying(256)'],
      ['c', 'character varying(65535)'],
      ['d', 'numeric(18,0)'],
      ['e', 'character(1)'],
      ['f', 'character varying(7)'],
    ],
  },
  {
    title: 'a widened column takes the longer value',
    given: 'create table v4 (a varchar(2)); alter table v4 alter column a type varchar(5)',
    sql: "insert into v4 values ('äb'); select a from v4",
    rows: [['äb']],
  },
  {
    title: 'CREATE TABLE IF NOT EXISTS keeps what is there',
    given:
      'create table e1 (a int) diststyle all; insert into e1 values (1); create table if not exists e1 (a int) diststyle even',
    sql: design('e1'),
    rows: [['ALL', 'AUTO(SORTKEY)', '0', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'DROP forgets the design',
    given:
      'create table e2 (a int) diststyle all; drop table e2 cascade; create table e2 (a int); insert into e2 values (1)',
    sql: design('e2'),
    rows: [['AUTO(ALL)', 'AUTO(SORTKEY)', '0', 'Y, AUTO(ENCODE)']],
  },
  {
    title: 'ALTER TABLE APPEND is refused among other statements of one message',
    given: 'create table a1 (a int); create table a2 (a int); insert into a2 values (1), (2)',
    sql: 'alter table a1 append from a2; select (select count(*) from a1), (select count(*) from a2)',
    tag: 'SELECT',
    error: { code: '25001', message: 'ALTER TABLE APPEND cannot run inside a transaction block' },
  },
  { title: 'VACUUM to a threshold', given: 'create table m3 (a int)', sql: 'vacuum sort only m3 to 75 percent boost' },
  { title: 'VACUUM of everything to a threshold', sql: 'vacuum delete only to 75 percent', tag: 'VACUUM' },
  {
    title: 'ANALYZE of columns',
    given: 'create table m4 (a int, b int)',
    sql: 'analyze verbose m4 (a, b) all columns',
  },
  { title: 'ANALYZE of everything', sql: 'analyze predicate columns', tag: 'ANALYZE' },
  {
    title: 'ANALYZE COMPRESSION of columns',
    given: 'create table m5 (a int, b int)',
    sql: 'analyze compression m5 (b) comprows 1000',
    rows: [['m5', 'b', 'az64', '0.00']],
  },
  {
    title: 'TRUNCATE of one table',
    given: 'create table m6 (a int)',
    sql: 'truncate table public.m6',
    tag: 'TRUNCATE',
  },
  { title: 'VACUUM and ANALYZE are accepted', given: 'create table m1 (a int)', sql: 'vacuum full m1', tag: 'VACUUM' },
  {
    title: 'ANALYZE of a table',
    given: 'create table m2 (a int)',
    sql: 'analyze m2 predicate columns',
    tag: 'ANALYZE',
  },
  {
    title: 'information about columns',
    given: 'create table c1 (a varchar(4), b timestamp)',
    sql: "select column_name, character_maximum_length from svv_columns where table_name = 'c1' order by ordinal_position",
    rows: [
      ['a', '4'],
      ['b', null],
    ],
  },
  {
    title: 'IDENTITY among the defaults of columns',
    given: 'create table c2 (a bigint identity(0, 1), b int default 7, c int)',
    sql: `select column_name, column_default like '"identity"(%, 0, ''0,1''::text)' from svv_columns where table_name = 'c2' and column_name <> 'b' order by ordinal_position`,
    rows: [
      ['a', 't'],
      ['c', null],
    ],
  },
  {
    title: 'a temporary table like another, without its IDENTITY column',
    given:
      'create table c3 (a bigint identity(0, 1), b int not null); create temp table c4 (like public.c3 including defaults); alter table c4 drop column a; insert into c4 (b) values (7)',
    sql: 'select * from c4',
    rows: [['7']],
  },
];
