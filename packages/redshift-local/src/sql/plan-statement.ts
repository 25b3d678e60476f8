import { rejectLeaderOnlyMix } from './leader-only-functions.js';
import { nest, textOf, trimmed, wordAt } from './nodes.js';
import type { ForwardPlan, SessionFact, StatementPlan } from './plan.js';
import { type RewriteSettings, rewriteContext } from './rewrite.js';
import { STATEMENT_TABLE } from './statement-table.js';
import { rewriteOnly, type StatementDraft } from './statements/statement-rule.js';
import type { Token } from './token.js';

const HISTORY_VIEWS: ReadonlySet<string> = new Set([
  ...[
    'sys_query_history',
    'sys_query_text',
    'stl_query',
    'stl_querytext',
    'svl_qlog',
    'svl_statementtext',
    'stl_ddltext',
  ],
  ...['stv_recents', 'stv_inflight', 'stv_sessions', 'stl_utilitytext', 'query_history'],
]);
const LAST_QUERY: ReadonlySet<string> = new Set(['pg_last_query_id', 'last_user_query_id', 'last_query_id']);
const LAST_COPY: ReadonlySet<string> = new Set(['pg_last_copy_id', 'pg_last_copy_count']);

/**
 * Decides how one statement of Redshift SQL is run on PostgreSQL. Pure: it reads no catalogue.
 * Throws RedshiftError for what Redshift rejects before running anything.
 */
export function planStatement(tokens: readonly Token[], settings: RewriteSettings): StatementPlan {
  const context = rewriteContext(settings);
  const nodes = trimmed(nest(tokens));
  const rule = STATEMENT_TABLE.get(wordAt(nodes, 0) ?? '') ?? rewriteOnly;
  rejectLeaderOnlyMix(nodes);
  const draft: StatementDraft = rule(nodes, context);
  const text = textOf(nodes);
  if (draft.kind !== 'forward') return { ...draft, source: tokens, text };
  return { ...draft, needs: neededFacts(tokens), source: tokens, text } satisfies ForwardPlan;
}

function neededFacts(tokens: readonly Token[]): ReadonlySet<SessionFact> {
  const needs = new Set<SessionFact>();
  for (const token of tokens) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    if (HISTORY_VIEWS.has(token.value)) needs.add('query-history');
    if (LAST_QUERY.has(token.value)) needs.add('last-query');
    if (LAST_COPY.has(token.value)) needs.add('last-copy');
  }
  return needs;
}
