import { compose, groupAt, type Node, nextIndex, splitByComma, startOf, wordAt } from '../nodes.js';
import type { RewriteContext, WordRule } from '../rewrite-context.js';
import { castType } from './data-types.js';

/** `CAST(x AS type)` and `CONVERT(type, x)`. */
export const CASTS: ReadonlyMap<string, WordRule> = new Map<string, WordRule>([
  ['cast', cast],
  ['convert', convert],
]);

function cast(level: readonly Node[], at: number, context: RewriteContext): ReturnType<WordRule> {
  const open = nextIndex(level, at + 1);
  const group = groupAt(level, open);
  if (group === undefined) return undefined;
  const asAt = group.children.findLastIndex((_node, index) => wordAt(group.children, index) === 'as');
  const typeAt = nextIndex(group.children, asAt + 1);
  const type = asAt < 0 ? undefined : castType(group.children, typeAt);
  if (type === undefined) return undefined;
  const value = context.rewrite(group.children.slice(0, asAt));
  return { nodes: compose(startOf(level[at]), 'cast(', value, 'as ', type.nodes, ')'), end: open + 1 };
}

function convert(level: readonly Node[], at: number, context: RewriteContext): ReturnType<WordRule> {
  const open = nextIndex(level, at + 1);
  const [type, value, ...more] = splitByComma(groupAt(level, open)?.children ?? []);
  if (type === undefined || value === undefined || more.length > 0) return undefined;
  const start = startOf(level[at]);
  const typeNodes = castType(type, nextIndex(type, 0))?.nodes ?? type;
  return { nodes: compose(start, 'cast((', context.rewrite(value), ') as ', typeNodes, ')'), end: open + 1 };
}
