import type { CheckResult } from '../../domain/facts.js';
import type { Row, Session } from './session/session.js';

/** A check: a query, without a final semicolon, whose rows are the offending ones. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly severity: 'error' | 'warning';
  readonly sql: string;
}

const MAX_SAMPLE = 20;
const MAX_SAMPLE_LENGTH = 300;

/** Counts the offending rows and reads the first 20. Reads only. */
export async function runCheck(session: Session, { id, title, severity, sql }: Check): Promise<CheckResult> {
  const action = `Check ${id} (checks/${id}.sql)`;
  // The line break ends a comment on the query's last line.
  const counted = await session.run({ sql: `select count(*) as total from (${sql}\n) as offending`, action });
  const offending = Number(counted.rows[0]?.total ?? 0);
  if (offending === 0) return { id, title, severity, passed: true, offending, sample: [] };
  const { rows } = await session.run({ sql: `select * from (${sql}\n) as offending limit ${MAX_SAMPLE}`, action });
  return { id, title, severity, passed: false, offending, sample: rows.map(describeRow) };
}

function describeRow(row: Row): string {
  const text = Object.entries(row)
    .map(([column, value]) => `${column}=${value ?? 'null'}`)
    .join(', ');
  return text.length <= MAX_SAMPLE_LENGTH ? text : `${text.slice(0, MAX_SAMPLE_LENGTH)}...`;
}
