import { CONFLICT_FAILURES } from './conflict-failures.js';
import { CONNECTION_FAILURES } from './connection-failures.js';
import { COPY_FAILURES } from './copy-failures.js';
import type { SqlFailureRule } from './sql-failure-rule.js';
import { STATEMENT_FAILURES, UNKNOWN_SQL_FAILURE } from './statement-failures.js';

/**
 * The one table that tells what an error of the warehouse or of the connection to it means. The first rule that matches counts, so
 * texts stand before the codes they share. docs/errors.md shows it.
 */
export const SQL_FAILURES: readonly SqlFailureRule[] = [
  ...CONFLICT_FAILURES,
  ...COPY_FAILURES,
  ...CONNECTION_FAILURES,
  ...STATEMENT_FAILURES,
];

/** The rule for an error's code (SQLSTATE or Node's) and text. Pure. */
export function findSqlFailure(error: {
  readonly code?: string | undefined;
  readonly message: string;
}): SqlFailureRule {
  return SQL_FAILURES.find((rule) => matches(rule, error)) ?? UNKNOWN_SQL_FAILURE;
}

function matches(
  rule: SqlFailureRule,
  error: { readonly code?: string | undefined; readonly message: string },
): boolean {
  if (rule.codes !== undefined && !rule.codes.some((code) => matchesCode(code, error.code ?? ''))) return false;
  return rule.text === undefined || rule.text.test(error.message);
}

function matchesCode(pattern: string, code: string): boolean {
  if (pattern.endsWith('*')) return code.startsWith(pattern.slice(0, -1));
  const isSqlState = /^[0-9A-Z]{5}$/.test(code);
  return pattern.length === 2 ? isSqlState && code.startsWith(pattern) : code === pattern;
}
