import type { CorpusCase } from './corpus-case.js';

const row = (...values: (string | null)[]): readonly (readonly (string | null)[])[] => [values];

/** Date and time functions, as DG documents them. */
export const DATES: readonly CorpusCase[] = [
  {
    title: 'DATEDIFF counts year boundaries',
    sql: "select datediff(year, '2008-12-31', '2009-01-01')",
    rows: row('1'),
  },
  { title: 'DATEDIFF counts quarters', sql: "select datediff(qtr, '1998-07-01', '2008-05-01')", rows: row('39') },
  {
    title: 'DATEDIFF starts weeks on Sunday',
    sql: "select datediff(week, '2018-11-03', '2018-11-04'), datediff(week, '2018-11-04', '2018-11-10')",
    rows: row('1', '0'),
  },
  {
    title: 'DATEDIFF counts hours by their boundaries',
    sql: "select datediff(hour, '2009-01-01 01:59:59', '2009-01-01 02:00:00')",
    rows: row('1'),
  },
  {
    title: 'DATEDIFF may be negative',
    sql: "select datediff(month, date '2020-03-01', date '2020-01-31')",
    rows: row('-2'),
  },
  {
    title: 'DATEDIFF takes columns of both kinds',
    sql: "select datediff(day, d, t) from (select date '2020-01-01' as d, timestamp '2020-01-03 12:00' as t) x",
    rows: row('2'),
  },
  {
    title: 'DATEADD ends at the last day of a shorter month',
    sql: "select dateadd(month, 1, '2020-01-31')",
    rows: row('2020-02-29 00:00:00'),
  },
  {
    title: 'DATEADD takes a date and gives a timestamp',
    sql: "select dateadd(day, -1, date '2020-03-01')",
    rows: row('2020-02-29 00:00:00'),
  },
  {
    title: 'DATEADD adds milliseconds',
    sql: "select dateadd(ms, 1500, timestamp '2020-01-01')",
    rows: row('2020-01-01 00:00:01.5'),
  },
  {
    title: 'DATE_TRUNC starts weeks on Monday',
    sql: "select date_trunc('week', timestamp '2018-11-04 10:00')",
    rows: row('2018-10-29 00:00:00'),
  },
  {
    title: 'DATE_TRUNC of a date is a timestamp without zone',
    sql: "select date_trunc('month', date '2018-11-04')",
    rows: row('2018-11-01 00:00:00'),
  },
  {
    title: 'DATE_PART takes a bare part name',
    sql: "select date_part(dayofweek, timestamp '2018-11-04'), date_part(w, timestamp '2018-11-04')",
    rows: row('0', '44'),
  },
  {
    title: 'EXTRACT gives an integer',
    sql: "select extract(weekday from timestamp '2018-11-05 21:01:46'), extract(hour from timestamp '2018-11-05 21:01:46') / 2",
    rows: row('1', '10'),
  },
  {
    title: 'EXTRACT gives seconds since the epoch',
    sql: "select extract(epoch from timestamp '2018-11-05 21:01:46')",
    rows: row('1541451706'),
  },
  {
    title: 'the epoch in milliseconds becomes a timestamp',
    sql: "select timestamp 'epoch' + 1541105830796/1000 * interval '1 second'",
    rows: row('2018-11-01 20:57:10'),
  },
  {
    title: 'fractions of a second survive',
    sql: "select timestamp 'epoch' + 1541105830796 * interval '0.001 second'",
    rows: row('2018-11-01 20:57:10.796'),
  },
  {
    title: 'CONVERT_TIMEZONE converts from UTC',
    sql: "select convert_timezone('EST5EDT', timestamp '2020-07-01 12:00')",
    rows: row('2020-07-01 08:00:00'),
  },
  {
    title: 'CONVERT_TIMEZONE converts between zones',
    sql: "select convert_timezone('EST5EDT', 'PST8PDT', '2020-07-01 12:00')",
    rows: row('2020-07-01 09:00:00'),
  },
  {
    title: 'GETDATE has no fraction and no zone',
    sql: "select getdate() = date_trunc('second', getdate()), getdate() <= sysdate + interval '1 second'",
    rows: row('t', 't'),
  },
  {
    title: 'LAST_DAY and ADD_MONTHS',
    sql: "select last_day('2020-02-10'), add_months('2020-02-29', 1)",
    rows: row('2020-02-29', '2020-03-31 00:00:00'),
  },
  {
    title: 'TO_CHAR names the day',
    sql: "select trim(to_char(timestamp '2018-11-05', 'Day')), to_char(timestamp '2018-11-05', 'YYYY-MM')",
    rows: row('Monday', '2018-11'),
  },
  {
    title: 'an unknown part is an error',
    sql: "select dateadd(fortnight, 1, timestamp '2020-01-01')",
    error: { code: '22023', message: 'Unsupported date part "fortnight"' },
  },
];
