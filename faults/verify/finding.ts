/** What can be wrong after a run. */
export type Trouble =
  | 'lost'
  | 'duplicated'
  | 'ledger'
  | 'session'
  | 'lock'
  | 'leftover'
  | 'quarantine'
  | 'result'
  | 'reader'
  | 'run';

/** One thing that is wrong. */
export interface Finding {
  readonly trouble: Trouble;
  /** Rows, sessions, locks: as many as the text is about. */
  readonly count: number;
  /** One line, with an example where there is one. */
  readonly text: string;
}

/** Total of the counts of one kind. */
export function countOf(findings: readonly Finding[], trouble: Trouble): number {
  return findings.filter((finding) => finding.trouble === trouble).reduce((sum, { count }) => sum + count, 0);
}
