import { groupAt, type Node, operatorAt, significant } from '../nodes.js';
import { quoteIdentifier } from '../string-literal.js';

/** One item of a select list. */
export type SelectItem =
  | { readonly kind: 'all' }
  | { readonly kind: 'all-of'; readonly relation: readonly Node[] }
  | { readonly kind: 'expression'; readonly nodes: readonly Node[]; readonly name: string; readonly alias?: string };

/** Reads one item; `name` is the quoted name that the result column gets. */
export function readSelectItem(item: readonly Node[]): SelectItem {
  const nodes = significant(item);
  const last = nodes.length - 1;
  if (operatorAt(nodes, last) === '*' && last === 0) return { kind: 'all' };
  if (operatorAt(nodes, last) === '*' && operatorAt(nodes, last - 1) === '.') {
    return { kind: 'all-of', relation: nodes.slice(0, last - 1) };
  }
  const final = nodes[last];
  if (final === undefined || final.kind === 'group') return { kind: 'expression', nodes: item, name: callName(nodes) };
  const isName = final.kind === 'word' || final.kind === 'quoted';
  if (!isName) return { kind: 'expression', nodes: item, name: '"?column?"' };
  const name = quoteIdentifier(final.value);
  if (last === 0 || operatorAt(nodes, last - 1) === '.') return { kind: 'expression', nodes: item, name };
  const before = nodes[last - 1];
  if (before?.kind === 'word' && before.value === 'as') return aliased(nodes.slice(0, last - 1), name);
  if (before?.kind === 'operator' || final.value === 'end')
    return { kind: 'expression', nodes: item, name: callName(nodes) };
  return aliased(nodes.slice(0, last), name);
}

function aliased(nodes: readonly Node[], alias: string): SelectItem {
  return { kind: 'expression', nodes, name: alias, alias };
}

/** PostgreSQL names a call's column after the function, with or without OVER (...). */
function callName(nodes: readonly Node[]): string {
  const first = nodes[0];
  const isCall = first?.kind === 'word' && groupAt(nodes, 1) !== undefined;
  if (first?.kind === 'word' && first.value === 'case') return '"case"';
  return isCall ? quoteIdentifier(first.value) : '"?column?"';
}
