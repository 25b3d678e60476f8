import { compose, type Node, nextIndex, previousIndex, startOf, wordAt } from '../nodes.js';

/** `SELECT [DISTINCT] TOP n ...` becomes `... LIMIT n`. The block starts at its SELECT. */
export function applyTop(block: readonly Node[]): readonly Node[] {
  let at = nextIndex(block, 1);
  if (['distinct', 'all'].includes(wordAt(block, at) ?? '')) at = nextIndex(block, at + 1);
  const countAt = nextIndex(block, at + 1);
  const count = block[countAt];
  if (wordAt(block, at) !== 'top' || count === undefined || !isCount(count)) return block;
  const end = previousIndex(block, block.length) + 1;
  return [
    ...block.slice(0, at),
    ...block.slice(countAt + 1, end),
    ...compose(startOf(count), ' limit ', [count]),
    ...block.slice(end),
  ];
}

function isCount(node: Node): boolean {
  return node.kind === 'number' || node.kind === 'param' || node.kind === 'group';
}
