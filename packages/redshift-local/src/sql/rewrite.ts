import { castType } from './expression/data-types.js';
import { WORD_RULES } from './expression/word-rules.js';
import { isQualified, type Node, nextIndex } from './nodes.js';
import { applyQueryRules } from './query/query-rules.js';
import type { Replacement, RewriteContext } from './rewrite-context.js';
import { quoteIdentifier } from './string-literal.js';
import type { Token } from './token.js';

/** What of the session rewriting depends on. */
export interface RewriteSettings {
  /** `enable_case_sensitive_identifier`. */
  readonly caseSensitive: boolean;
}

/** Makes the context that rewrites Redshift expressions and queries to PostgreSQL. */
export function rewriteContext(settings: RewriteSettings): RewriteContext {
  const context: RewriteContext = {
    caseSensitive: settings.caseSensitive,
    rewrite: (nodes) => rewriteLevel(nodes, context),
  };
  return context;
}

function rewriteLevel(nodes: readonly Node[], context: RewriteContext): Node[] {
  const level = applyQueryRules(nodes);
  const out: Node[] = [];
  for (let at = 0; at < level.length; at++) {
    const node = level[at] as Node;
    if (node.kind === 'group') {
      out.push({ ...node, children: rewriteLevel(node.children, context) });
      continue;
    }
    const replacement = replacementAt(level, at, context);
    if (replacement === undefined) out.push(rewriteToken(node, context));
    else {
      for (const replaced of replacement.nodes) out.push(replaced);
      at = replacement.end - 1;
    }
  }
  return out;
}

function replacementAt(level: readonly Node[], at: number, context: RewriteContext): Replacement | undefined {
  const node = level[at];
  if (node?.kind === 'word') {
    const rule = WORD_RULES.get(node.value);
    return rule === undefined || isQualified(level, at) ? undefined : rule(level, at, context);
  }
  if (node?.kind === 'operator' && node.text === '::') {
    const type = castType(level, nextIndex(level, at + 1));
    return type === undefined ? undefined : { nodes: [node, ...type.nodes], end: type.end };
  }
  return undefined;
}

/**
 * One token in PostgreSQL's spelling: quoted names folded, temporary names quoted, and a plain string with a backslash marked as
 * the escape string it is.
 */
export function rewriteToken(token: Token, context: { readonly caseSensitive: boolean }): Token {
  if (token.written === true) return token;
  switch (token.kind) {
    case 'quoted':
      return context.caseSensitive ? token : { ...token, text: quoteIdentifier(token.value) };
    case 'word':
      return rewriteWord(token);
    case 'string':
      return token.text.startsWith("'") && token.text.includes('\\') ? { ...token, text: `E${token.text}` } : token;
    default:
      return token;
  }
}

/**
 * Columns of the catalogue that PostgreSQL has dropped and that psql asks servers as old as Redshift for, by what follows the dot
 * in their place.
 */
const DROPPED_COLUMNS: ReadonlyMap<string, string> = new Map([
  // False for every table since PostgreSQL 12, as relisshared is.
  ['relhasoids', 'relisshared'],
  ['proisagg', "prokind = 'a'"],
  ['proiswindow', "prokind = 'w'"],
]);

function rewriteWord(token: Token): Token {
  if (token.text.startsWith('#')) return { ...token, text: quoteIdentifier(token.value) };
  const replacement = DROPPED_COLUMNS.get(token.value);
  return replacement === undefined ? token : { ...token, text: replacement };
}
