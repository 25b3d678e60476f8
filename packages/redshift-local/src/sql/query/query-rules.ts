import { type Node, nextIndex, wordAt } from '../nodes.js';
import { applyQualify } from './qualify.js';
import { applyTop } from './top.js';

const SET_OPERATORS: ReadonlySet<string> = new Set(['union', 'intersect', 'except', 'minus']);
const TRIGGERS: ReadonlySet<string> = new Set(['top', 'qualify', 'minus']);

/** Applies the rules that concern a whole query block: TOP, QUALIFY and MINUS. Most levels hold none and come back as they are. */
export function applyQueryRules(level: readonly Node[]): readonly Node[] {
  if (!level.some((node) => node.kind === 'word' && TRIGGERS.has(node.value))) return level;
  const out: Node[] = [];
  let at = 0;
  while (at < level.length) {
    const end = blockEnd(level, at);
    for (const node of rewriteBlock(level.slice(at, end))) out.push(node);
    if (end < level.length) out.push(setOperator(level, end));
    at = end + 1;
  }
  return out;
}

function rewriteBlock(block: readonly Node[]): readonly Node[] {
  const select = block.findIndex((_node, index) => wordAt(block, index) === 'select');
  if (select < 0) return block;
  const limited = applyTop(block.slice(select));
  return [...block.slice(0, select), ...applyQualify(limited)];
}

function blockEnd(level: readonly Node[], from: number): number {
  for (let at = from; at < level.length; at++) {
    const word = wordAt(level, at);
    if (word !== undefined && SET_OPERATORS.has(word) && isSetOperator(level, at)) return at;
  }
  return level.length;
}

/** MINUS is no reserved word: it is an operator only where a query follows. */
function isSetOperator(level: readonly Node[], at: number): boolean {
  const next = nextIndex(level, at + 1);
  if (level[next]?.kind === 'group') return true;
  return ['select', 'all', 'distinct', 'with', 'values'].includes(wordAt(level, next) ?? '');
}

function setOperator(level: readonly Node[], at: number): Node {
  const node = level[at] as Node;
  if (node.kind !== 'word' || node.value !== 'minus') return node;
  return { ...node, text: 'except', value: 'except' };
}
