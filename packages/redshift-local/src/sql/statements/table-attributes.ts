import type { RedshiftError } from '../../redshift-error.js';
import { groupAt, type Node, nextIndex, significant, splitByComma, wordAt } from '../nodes.js';
import { errorAt, syntaxErrorAt } from '../rejection.js';
import type { TableDesign } from './table-design.js';

/** DG, CREATE TABLE: "You can specify a maximum of eight columns in an INTERLEAVED sort key", 400 in a compound one. */
const MAX_INTERLEAVED_COLUMNS = 8;
const MAX_COMPOUND_COLUMNS = 400;
const INVALID_TABLE_DEFINITION = '42P16';
const MULTIPLE_DISTKEYS = 'multiple DISTKEY columns are not allowed';
const DISTSTYLES: ReadonlySet<string> = new Set(['auto', 'even', 'all', 'key']);

/**
 * Reads BACKUP, DISTSTYLE, DISTKEY, SORTKEY and ENCODE AUTO at `at`, in any order, into the design. Returns the index of the
 * first node that is none of them.
 */
export function readTableAttributes(nodes: readonly Node[], from: number, design: TableDesign): number {
  let at = nextIndex(nodes, from);
  for (;;) {
    const end = readAttribute(nodes, at, design);
    if (end === undefined) return at;
    at = nextIndex(nodes, end);
  }
}

function readAttribute(nodes: readonly Node[], at: number, design: TableDesign): number | undefined {
  const next = nextIndex(nodes, at + 1);
  switch (wordAt(nodes, at)) {
    case 'backup':
      design.backup = wordAt(nodes, next) !== 'no';
      return next + 1;
    case 'encode':
      return next + 1;
    case 'diststyle':
      return readDiststyle(nodes, next, design);
    case 'distkey':
      return readDistkey(nodes, next, design);
    case 'compound':
    case 'interleaved':
      return readSortkey(nodes, next, design, wordAt(nodes, at) === 'compound' ? 'compound' : 'interleaved');
    case 'sortkey':
      return readSortkey(nodes, at, design, 'compound');
    default:
      return undefined;
  }
}

function readDiststyle(nodes: readonly Node[], at: number, design: TableDesign): number {
  const style = wordAt(nodes, at);
  if (style === undefined || !DISTSTYLES.has(style)) throw syntaxErrorAt(nodes[at]);
  design.diststyle = style as NonNullable<TableDesign['diststyle']>;
  return at + 1;
}

function readDistkey(nodes: readonly Node[], at: number, design: TableDesign): number {
  const word = wordAt(nodes, at);
  const [column, ...others] = word === undefined ? columnNames(nodes, at) : [word];
  if (column === undefined) throw syntaxErrorAt(nodes[at]);
  if (others.length > 0) throw definitionError(nodes[at], MULTIPLE_DISTKEYS);
  declareDistkey(nodes[at], column, design);
  return at + 1;
}

/** Enters the distribution key. Throws when there is one already. */
export function declareDistkey(node: Node | undefined, column: string, design: TableDesign): void {
  if (design.distkey !== undefined) throw definitionError(node, MULTIPLE_DISTKEYS);
  design.distkey = column;
  design.diststyle ??= 'key';
}

/** Throws when distribution style and key do not fit together. */
export function checkDistribution(node: Node | undefined, { diststyle, distkey }: TableDesign): void {
  if (distkey !== undefined && diststyle !== 'key') {
    throw definitionError(node, `DISTSTYLE ${diststyle?.toUpperCase()} cannot have a DISTKEY column`);
  }
  if (diststyle === 'key' && distkey === undefined) {
    throw definitionError(node, 'DISTSTYLE KEY requires a DISTKEY column');
  }
}

/** A table that Redshift refuses to create. AWS documents the rules, not the messages: their wording is unverified. */
export function definitionError(node: Node | undefined, message: string): RedshiftError {
  return errorAt(node, INVALID_TABLE_DEFINITION, message);
}

function readSortkey(
  nodes: readonly Node[],
  at: number,
  design: TableDesign,
  style: 'compound' | 'interleaved',
): number {
  if (wordAt(nodes, at) !== 'sortkey') throw syntaxErrorAt(nodes[at]);
  if (design.sortstyle !== undefined) throw definitionError(nodes[at], 'multiple sort keys are not allowed');
  const next = nextIndex(nodes, at + 1);
  const word = wordAt(nodes, next);
  if (word === 'auto' || word === 'none') {
    design.sortstyle = word;
    return next + 1;
  }
  const columns = columnNames(nodes, next);
  checkSortkeyLength(nodes[at], columns.length, style);
  design.sortstyle = style;
  design.sortkey = columns;
  return next + 1;
}

function checkSortkeyLength(node: Node | undefined, count: number, style: 'compound' | 'interleaved'): void {
  const limit = style === 'interleaved' ? MAX_INTERLEAVED_COLUMNS : MAX_COMPOUND_COLUMNS;
  if (count > limit) throw definitionError(node, `${style} sort key cannot have more than ${limit} columns`);
}

/** The names in a parenthesised column list. */
export function columnNames(nodes: readonly Node[], at: number): string[] {
  const group = groupAt(nodes, at);
  if (group === undefined) throw syntaxErrorAt(nodes[at]);
  return splitByComma(group.children).map((part) => {
    const [name] = significant(part);
    if (name?.kind !== 'word' && name?.kind !== 'quoted') throw syntaxErrorAt(name ?? group.close);
    return name.value;
  });
}
