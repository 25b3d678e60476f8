import type { Node } from './nodes.js';
import type { Token } from './token.js';

/** What the end of a statement changes in the face's own picture of the session. */
export type SessionEffect =
  | { readonly kind: 'query-group'; readonly label: string }
  | { readonly kind: 'case-sensitive'; readonly on: boolean }
  | { readonly kind: 'reset-all' };

/** Facts of the session that only the face knows, and that a statement wants to read. */
export type SessionFact = 'query-history' | 'last-query' | 'last-copy';

interface PlanBase {
  /** The client's tokens of the statement, for the query log. */
  readonly source: readonly Token[];
  /** The client's text of the statement, trimmed. */
  readonly text: string;
}

/** A statement PostgreSQL runs after rewriting. */
export interface ForwardPlan extends PlanBase {
  readonly kind: 'forward';
  readonly nodes: readonly Node[];
  /** Takes the write lock; to run before the server as much as reads the statement, since that takes a weaker lock of its own. */
  readonly lock?: readonly Node[];
  /** Statements run before and after it, in the same transaction, whose results the client does not see. */
  readonly before: readonly (readonly Node[])[];
  readonly after: readonly (readonly Node[])[];
  /** Replaces the command tag PostgreSQL answers with. */
  readonly tag?: string;
  readonly effect?: SessionEffect;
  readonly needs: ReadonlySet<SessionFact>;
  /** BEGIN, COMMIT and their kin. */
  readonly controlsTransaction: boolean;
}

/** COPY from S3, run by the face. */
export interface CopyPlan extends PlanBase {
  readonly kind: 'copy';
  /** The target as the client wrote it, rewritten. */
  readonly target: string;
}

/** TRUNCATE, which commits the open transaction. */
export interface TruncatePlan extends PlanBase {
  readonly kind: 'truncate';
  readonly nodes: readonly Node[];
}

/** A statement that Redshift refuses inside a transaction block; `steps` run in one of their own. */
export interface OutsideBlockPlan extends PlanBase {
  readonly kind: 'outside-block';
  /** For example `ALTER TABLE APPEND`. */
  readonly command: string;
  readonly steps: readonly (readonly Node[])[];
  readonly tag: string;
}

/** CREATE and DROP DATABASE: the face installs the catalogue in a new one, and lets go of one that is dropped. */
export interface DatabasePlan extends PlanBase {
  readonly kind: 'database';
  readonly action: 'create' | 'drop';
  readonly nodes: readonly Node[];
  readonly database: string;
}

export type StatementPlan = ForwardPlan | CopyPlan | TruncatePlan | OutsideBlockPlan | DatabasePlan;
