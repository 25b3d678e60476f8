import { type Node, operatorAt, significant, textOf, wordAt } from '../nodes.js';

const JOIN_WORDS: ReadonlySet<string> = new Set([
  'join',
  'inner',
  'left',
  'right',
  'full',
  'cross',
  'natural',
  'outer',
]);
const NOT_AN_ALIAS: ReadonlySet<string> = new Set([...JOIN_WORDS, 'on', 'using', 'as', 'tablesample']);

/** The names by which the relations of a FROM clause are known, in their order. */
export function relationNames(clause: readonly Node[]): string[] {
  const nodes = significant(clause);
  const names: string[] = [];
  let expected = true;
  for (let at = 0; at < nodes.length; at++) {
    const word = wordAt(nodes, at);
    if (operatorAt(nodes, at) === ',' || word === 'join') expected = true;
    else if (expected && !(word !== undefined && JOIN_WORDS.has(word)) && word !== 'lateral') {
      names.push(relationName(nodes, at));
      expected = false;
    }
  }
  return names;
}

function relationName(nodes: readonly Node[], start: number): string {
  let at = start;
  while (operatorAt(nodes, at + 1) === '.') at += 2;
  const own = textOf(nodes.slice(at, at + 1));
  let alias = at + 1;
  if (wordAt(nodes, alias) === 'as') alias++;
  const node = nodes[alias];
  if (node?.kind === 'quoted') return node.text;
  return node?.kind === 'word' && !NOT_AN_ALIAS.has(node.value) ? node.text : own;
}
