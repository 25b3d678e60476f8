import { compose, type Group, type Node, nextIndex, splitByComma, startOf, textOf, trimmed, wordAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { rewriteColumn } from './column-definition.js';
import { readQualifiedName } from './qualified-name.js';
import { columnNames } from './table-attributes.js';
import type { DeclaredKey, TableDesign } from './table-design.js';

/** Rewrites the parenthesised list of columns and constraints of CREATE TABLE. */
export function rewriteTableElements(
  group: Group,
  table: string,
  design: TableDesign,
  context: RewriteContext,
): Node[] {
  const elements: Node[][] = [];
  for (const part of splitByComma(group.children)) {
    const element = rewriteElement(trimmed(part), table, design, context);
    if (element !== undefined) elements.push(element);
  }
  const primary = design.keys.find((key) => key.type === 'primary' && key.columns.length > 0);
  for (const column of primary?.columns ?? []) elements.push(compose(-1, `not null "${column.replaceAll('"', '""')}"`));
  return compose(
    startOf(group),
    '(',
    ...elements.flatMap((element, index) => (index === 0 ? [element] : [', ', element])),
    ')',
  );
}

/** PostgreSQL 18 takes `NOT NULL column` as a table constraint: what remains of an informational primary key. */
function rewriteElement(
  element: readonly Node[],
  table: string,
  design: TableDesign,
  context: RewriteContext,
): Node[] | undefined {
  const constraintAt = wordAt(element, 0) === 'constraint' ? nextIndex(element, nextIndex(element, 1) + 1) : 0;
  const key = readTableKey(element, constraintAt);
  if (key !== undefined) {
    design.keys.push(key);
    return undefined;
  }
  if (wordAt(element, 0) === 'like') return rewriteLike(element, design, context);
  if (wordAt(element, 0) === 'check' || constraintAt > 0) throw syntaxErrorAt(element[constraintAt]);
  return rewriteColumn(element, table, design, context);
}

/** Reads `PRIMARY KEY (...)`, `UNIQUE (...)` or `FOREIGN KEY (...) REFERENCES ...` at `at`; undefined when none is there. */
export function readTableKey(element: readonly Node[], at: number): DeclaredKey | undefined {
  const next = nextIndex(element, at + 1);
  const word = wordAt(element, at);
  if (word === 'unique' && element[next]?.kind === 'group')
    return { type: 'unique', columns: columnNames(element, next) };
  if (wordAt(element, next) !== 'key') return undefined;
  const columns = nextIndex(element, next + 1);
  if (word === 'primary') return { type: 'primary', columns: columnNames(element, columns) };
  if (word !== 'foreign') return undefined;
  const references = nextIndex(element, columns + 1);
  if (wordAt(element, references) !== 'references') throw syntaxErrorAt(element[references]);
  return {
    type: 'foreign',
    columns: columnNames(element, columns),
    references: textOf(trimmed(element.slice(references + 1))),
  };
}

function rewriteLike(element: readonly Node[], design: TableDesign, context: RewriteContext): Node[] {
  const source = readQualifiedName(element, 1, context);
  design.like = source.text;
  return compose(startOf(element[0]), 'like ', source.nodes, ' ', trimmed(element.slice(source.end)));
}
