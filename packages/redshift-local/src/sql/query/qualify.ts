import { compose, type Node, nextIndex, previousIndex, splitByComma, startOf, trimmed, wordAt } from '../nodes.js';
import { relationNames } from './from-clause.js';
import { readSelectItem, type SelectItem } from './select-list.js';

const AFTER_FROM: ReadonlySet<string> = new Set(['where', 'group', 'having', 'qualify', 'order', 'limit', 'window']);

interface QualifyBlock {
  readonly start: number;
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly relations: readonly string[];
  /** FROM up to QUALIFY. */
  readonly source: readonly Node[];
  readonly condition: readonly Node[];
  /** ORDER BY, LIMIT and what else follows. */
  readonly tail: readonly Node[];
}

/**
 * QUALIFY filters on window functions: the block becomes a subquery that computes the condition as a column, and an outer
 * query that filters by it and names the columns again. Whole-row columns stand for `*`, so that no catalogue is needed.
 */
export function applyQualify(block: readonly Node[]): readonly Node[] {
  const read = readBlock(block);
  return read === undefined ? block : outerQuery(read);
}

function readBlock(block: readonly Node[]): QualifyBlock | undefined {
  const qualify = findWord(block, 'qualify');
  const from = findWord(block, 'from');
  if (qualify < 0 || from < 0 || from > qualify) return undefined;
  let first = nextIndex(block, 1);
  const distinct = wordAt(block, first) === 'distinct';
  if (distinct || wordAt(block, first) === 'all') first = nextIndex(block, first + 1);
  const items = splitByComma(block.slice(first, from)).map(readSelectItem);
  const fromEnd = block.findIndex((_node, at) => at > from && AFTER_FROM.has(wordAt(block, at) ?? ''));
  const tail = tailStart(block, qualify);
  return {
    start: startOf(block[qualify]),
    distinct,
    items,
    relations: relationNames(block.slice(from + 1, fromEnd)),
    source: trimmed(block.slice(from, qualify)),
    condition: withoutAliases(trimmed(block.slice(qualify + 1, tail)), items),
    tail: block.slice(tail, previousIndex(block, block.length) + 1),
  };
}

function outerQuery(block: QualifyBlock): Node[] {
  const outer: string[] = [];
  const inner: (string | readonly Node[])[] = [];
  for (const item of block.items) {
    for (const column of innerColumns(item, block.relations)) {
      const alias = `"_c${outer.length}"`;
      inner.push(column.expression, ` as ${alias}, `);
      outer.push(column.name === undefined ? `("_q".${alias}).*` : `"_q".${alias} as ${column.name}`);
    }
  }
  const select = `select ${block.distinct ? 'distinct ' : ''}${outer.join(', ')} from (select `;
  const condition = ['(', block.condition, ') as "_qualify" ', block.source];
  return compose(block.start, select, ...inner, ...condition, '\n) as "_q" where "_q"."_qualify" ', block.tail);
}

function innerColumns(
  item: SelectItem,
  relations: readonly string[],
): { readonly expression: string | readonly Node[]; readonly name?: string }[] {
  if (item.kind === 'all') return relations.map((relation) => ({ expression: relation }));
  if (item.kind === 'all-of') return [{ expression: item.relation }];
  return [{ expression: trimmed(item.nodes), name: item.name }];
}

/** QUALIFY may name columns of the select list by their alias; the subquery may not. */
function withoutAliases(condition: readonly Node[], items: readonly SelectItem[]): Node[] {
  return condition.flatMap((node, at): Node[] => {
    if (node.kind === 'group') return [{ ...node, children: withoutAliases(node.children, items) }];
    if (node.kind !== 'word' && node.kind !== 'quoted') return [node];
    const called = condition[nextIndex(condition, at + 1)]?.kind === 'group';
    const item = items.find((candidate) => candidate.kind === 'expression' && candidate.alias === `"${node.value}"`);
    if (called || item?.kind !== 'expression') return [node];
    return compose(node.start, '(', item.nodes, ')');
  });
}

function tailStart(block: readonly Node[], qualify: number): number {
  const at = block.findIndex(
    (_node, index) => index > qualify && ['order', 'limit', 'offset', 'fetch'].includes(wordAt(block, index) ?? ''),
  );
  return at < 0 ? block.length : at;
}

function findWord(block: readonly Node[], word: string): number {
  return block.findIndex((_node, at) => wordAt(block, at) === word);
}
