import type { FailureRule } from '../../failure-rule.js';

/** A rule of the table for the warehouse: all that it names must match. */
export interface SqlFailureRule extends FailureRule {
  /** Codes it applies to: whole SQLSTATEs, their two-character classes, or codes of Node, with `*` at the end. Absent: any. */
  readonly codes?: readonly string[];
  /** Text of the error it applies to. Absent: any. */
  readonly text?: RegExp;
}
