import type { Node } from './nodes.js';

/** What rewriting one statement may ask for. */
export interface RewriteContext {
  /** `enable_case_sensitive_identifier`: quoted names keep their case. */
  readonly caseSensitive: boolean;
  /** Rewrites nodes of one level, and all below. */
  rewrite(nodes: readonly Node[]): Node[];
}

/** What a rule puts in place of the nodes from its word up to `end` (exclusive). */
export interface Replacement {
  readonly nodes: readonly Node[];
  readonly end: number;
}

/** A rule for a word at `at` in its level; undefined leaves the word as it is. */
export type WordRule = (level: readonly Node[], at: number, context: RewriteContext) => Replacement | undefined;
