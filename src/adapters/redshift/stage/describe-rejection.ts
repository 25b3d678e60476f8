import type { RejectedRow } from '../../../domain/facts.js';
import { printableLine } from '../../../domain/printable.js';

/** Redshift's reasons that read better in the words of the table, with the SQL type that each means (DG "Load error reference"). */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  short: 'SMALLINT',
  integer: 'INTEGER',
  long: 'BIGINT',
  float: 'REAL',
  double: 'DOUBLE PRECISION',
  decimal: 'DECIMAL',
};

/**
 * The text of a COPY that failed for rejected rows: those that are known with file, line, column, value and reason, and how many more there
 * are. What can be done about them are the answers to the step (domain/answers.ts), or stands in the ending of the run.
 *
 *     COPY into staging_events rejected s3://b/log_data/2018-11-12-events.json line 7, column "ts": "abc" is not a BIGINT
 *     (Invalid digit, Value 'a', Pos 0, Type: Long).
 */
export function describeRejection(request: {
  readonly table: string;
  readonly count: number;
  /** At most 20. */
  readonly rows: readonly RejectedRow[];
}): string {
  const { table, rows } = request;
  const count = Math.max(request.count, rows.length);
  const [first] = rows;
  if (first === undefined) {
    return `COPY into ${table} rejected rows, but neither stl_load_errors nor sys_load_error_detail shows them to this user.`;
  }
  const shown = rows.length === 1 ? ` ${describeRow(first)}` : ` ${count} rows:\n${rows.map(describeRow).join('\n')}`;
  const more = count > rows.length ? `\n${moreRows(count - rows.length)}` : '';
  return `COPY into ${table} rejected${shown}${more}`;
}

/** One rejected row: file, line, column, value and reason. */
export function describeRow(row: RejectedRow): string {
  const column = row.column === undefined ? '' : `, column "${row.column}"`;
  return `${printableLine(row.file)} line ${row.line}${printableLine(column)}: ${describeReason(row)}.`;
}

function describeReason({ value, reason }: RejectedRow): string {
  const said = printableLine(reason.replace(/\.+$/, ''));
  if (value === undefined) return said;
  const shown = `"${printableLine(value)}"`;
  const type = TYPE_NAMES[/type: *(\w+)/i.exec(reason)?.[1]?.toLowerCase() ?? ''];
  if (/^invalid digit/i.test(reason) && type !== undefined) return `${shown} is not a ${type} (${said})`;
  if (/^string length exceeds/i.test(reason)) return `${shown} is too long (${said})`;
  return `${shown}: ${said}`;
}

function moreRows(count: number): string {
  return count === 1 ? 'One more row was rejected.' : `${count} more rows were rejected.`;
}
