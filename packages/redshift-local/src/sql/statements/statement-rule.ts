import { compose, type Node } from '../nodes.js';
import type { ForwardPlan, SessionFact, StatementPlan } from '../plan.js';
import type { RewriteContext } from '../rewrite-context.js';
import { quoteLiteral } from '../string-literal.js';

type WithoutSource<Plan> = Plan extends StatementPlan ? Omit<Plan, 'source' | 'text'> : never;

/** A plan before the client's tokens are put to it. */
export type StatementDraft = WithoutSource<StatementPlan>;

/** Plans one kind of statement. `nodes` are trimmed and begin with the statement's first word. Throws RedshiftError to reject it. */
export type StatementRule = (nodes: readonly Node[], context: RewriteContext) => StatementDraft;

const NO_FACTS: ReadonlySet<SessionFact> = new Set();

/** A statement for PostgreSQL, with only what differs from the plain case. */
export function forward(
  nodes: readonly Node[],
  differences: Partial<Omit<ForwardPlan, 'kind' | 'source' | 'text' | 'nodes'>> = {},
): StatementDraft & { readonly kind: 'forward' } {
  return { kind: 'forward', nodes, before: [], after: [], needs: NO_FACTS, controlsTransaction: false, ...differences };
}

/** Rewrites expressions and queries, nothing else. */
export const rewriteOnly: StatementRule = (nodes, context) => forward(context.rewrite(nodes));

/** Takes the table's write lock before a statement that writes, so that its snapshot is taken after the wait. */
export function lockForWrite(table: string): Node[] {
  return compose(-1, `select redshift_local.lock_for_write(${quoteLiteral(table)})`);
}

/** A statement without result: PL/pgSQL in a DO block, whose tag the plan replaces. */
export function doBlock(body: string, at: number): Node[] {
  return compose(at, `do ${quoteLiteral(`begin ${body}; end`)}`);
}
