import { type Node, nextIndex, operatorAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import { rewriteToken } from '../rewrite.js';
import type { RewriteContext } from '../rewrite-context.js';

/** A possibly qualified name read from a statement. */
export interface QualifiedName {
  /** As PostgreSQL reads it: `public."my table"`. */
  readonly text: string;
  readonly nodes: readonly Node[];
  /** The parts, folded. */
  readonly parts: readonly string[];
  /** Index of the node after the name. */
  readonly end: number;
}

/** Reads `[database.][schema.]name` at `at`; throws a syntax error when no name stands there. */
export function readQualifiedName(nodes: readonly Node[], at: number, context: RewriteContext): QualifiedName {
  const found: Node[] = [];
  const parts: string[] = [];
  let end = nextIndex(nodes, at);
  let text = '';
  for (;;) {
    const node = nodes[end];
    if (node === undefined || node.kind === 'group' || (node.kind !== 'word' && node.kind !== 'quoted')) {
      throw syntaxErrorAt(node);
    }
    const token = rewriteToken(node, context);
    found.push(token);
    parts.push(
      node.kind === 'quoted' && context.caseSensitive ? node.text.slice(1, -1).replaceAll('""', '"') : node.value,
    );
    text += token.text;
    end++;
    const dot = nextIndex(nodes, end);
    if (operatorAt(nodes, dot) !== '.') return { text, nodes: found, parts, end };
    found.push(nodes[dot] as Node);
    text += '.';
    end = nextIndex(nodes, dot + 1);
  }
}
