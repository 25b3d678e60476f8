import { columnType, readDataType } from '../expression/data-types.js';
import {
  compose,
  groupAt,
  type Node,
  nextIndex,
  significant,
  splitByComma,
  startOf,
  textOf,
  trimmed,
  wordAt,
} from '../nodes.js';
import { errorAt, FEATURE_NOT_SUPPORTED, syntaxErrorAt } from '../rejection.js';
import { rewriteToken } from '../rewrite.js';
import type { RewriteContext } from '../rewrite-context.js';
import { declareDistkey, definitionError } from './table-attributes.js';
import type { TableDesign } from './table-design.js';

/** Words that start the next attribute of a column, and so end a DEFAULT expression. */
const ATTRIBUTE_WORDS: ReadonlySet<string> = new Set([
  'default',
  'identity',
  'generated',
  'encode',
  'distkey',
  'sortkey',
  'collate',
  'not',
  'null',
  'unique',
  'primary',
  'references',
]);

/** PostgreSQL types that Redshift tables cannot have. */
const UNSUPPORTED_TYPES: ReadonlySet<string> = new Set([
  ...['serial', 'bigserial', 'smallserial', 'serial4', 'serial8', 'uuid', 'json', 'jsonb', 'xml', 'money', 'bytea'],
  ...[
    'inet',
    'cidr',
    'macaddr',
    'bit',
    'varbit',
    'point',
    'line',
    'lseg',
    'box',
    'path',
    'polygon',
    'circle',
    'hstore',
  ],
  ...['tsvector', 'tsquery', 'oid', 'int4range', 'int8range', 'numrange', 'tsrange', 'tstzrange', 'daterange'],
]);

interface ColumnDraft {
  readonly name: string;
  readonly context: RewriteContext;
  readonly design: TableDesign;
  readonly out: Node[];
  notNull: boolean;
}

/** Rewrites one column definition to PostgreSQL's, and puts its keys, distribution and encoding into the design. */
export function rewriteColumn(
  nodes: readonly Node[],
  table: string,
  design: TableDesign,
  context: RewriteContext,
): Node[] {
  const nameAt = nextIndex(nodes, 0);
  const name = nodes[nameAt];
  if (name === undefined || name.kind === 'group' || (name.kind !== 'word' && name.kind !== 'quoted'))
    throw syntaxErrorAt(name);
  const typeAt = nextIndex(nodes, nameAt + 1);
  const type = readDataType(nodes, typeAt);
  if (type === undefined) throw syntaxErrorAt(nodes[typeAt] ?? name);
  if (type.isArray || UNSUPPORTED_TYPES.has(type.name)) {
    const shown = type.isArray ? `${textOf(nodes.slice(typeAt, type.end))}[]` : type.name;
    throw errorAt(
      nodes[typeAt],
      FEATURE_NOT_SUPPORTED,
      `Column "${table}.${name.value}" has unsupported type "${shown}".`,
    );
  }
  const typeNodes = columnType(nodes, typeAt, type);
  const draft: ColumnDraft = { name: name.value, context, design, out: [], notNull: false };
  let at = nextIndex(nodes, type.end);
  while (at < nodes.length) at = nextIndex(nodes, readColumnAttribute(nodes, at, draft));
  const notNull = draft.notNull ? ' not null' : '';
  return compose(startOf(name), [rewriteToken(name, context)], ' ', typeNodes, draft.out, notNull);
}

/** Reads one attribute, returns the index after it. */
function readColumnAttribute(nodes: readonly Node[], at: number, draft: ColumnDraft): number {
  const next = nextIndex(nodes, at + 1);
  switch (wordAt(nodes, at)) {
    case 'default':
      return readDefault(nodes, at, draft);
    case 'identity':
      return readIdentity(nodes, at, draft, 'always');
    case 'generated':
      return readGenerated(nodes, at, draft);
    case 'encode':
      draft.design.encode[draft.name] = wordAt(nodes, next) ?? '';
      return next + 1;
    case 'distkey':
      declareDistkey(nodes[at], draft.name, draft.design);
      return at + 1;
    case 'sortkey':
      draft.design.sortstyle = 'compound';
      draft.design.sortkey.push(draft.name);
      return at + 1;
    case 'collate':
      return next + 1;
    case 'not':
      draft.notNull = true;
      return next + 1;
    case 'null':
      return at + 1;
    default:
      return readKey(nodes, at, draft);
  }
}

function readKey(nodes: readonly Node[], at: number, draft: ColumnDraft): number {
  const next = nextIndex(nodes, at + 1);
  const word = wordAt(nodes, at);
  if (word === 'unique') {
    draft.design.keys.push({ type: 'unique', columns: [draft.name] });
    return at + 1;
  }
  if (word === 'primary') {
    draft.notNull = true;
    draft.design.keys.push({ type: 'primary', columns: [draft.name] });
    return next + 1;
  }
  if (word !== 'references') throw syntaxErrorAt(nodes[at]);
  let end = at + 1;
  while (end < nodes.length && !ATTRIBUTE_WORDS.has(wordAt(nodes, end) ?? '')) end++;
  draft.design.keys.push({
    type: 'foreign',
    columns: [draft.name],
    references: textOf(trimmed(nodes.slice(at + 1, end))),
  });
  return end;
}

function readDefault(nodes: readonly Node[], at: number, draft: ColumnDraft): number {
  let end = nextIndex(nodes, at + 1) + 1;
  while (end < nodes.length && !ATTRIBUTE_WORDS.has(wordAt(nodes, end) ?? '')) end++;
  draft.out.push(...compose(startOf(nodes[at]), ' default ', trimmed(draft.context.rewrite(nodes.slice(at + 1, end)))));
  return end;
}

function readGenerated(nodes: readonly Node[], at: number, draft: ColumnDraft): number {
  const words = significant(nodes.slice(at)).slice(0, 5);
  const [, by, byDefault, as, identity] = words.map((_node, index) => wordAt(words, index));
  if (by !== 'by' || byDefault !== 'default' || as !== 'as' || identity !== 'identity') throw syntaxErrorAt(nodes[at]);
  return readIdentity(nodes, nodes.indexOf(words[4] as Node), draft, 'by default');
}

/** A sequence of PostgreSQL starts at its minimum; Redshift's identity starts at its seed, whatever that is. */
function readIdentity(nodes: readonly Node[], at: number, draft: ColumnDraft, mode: 'always' | 'by default'): number {
  const open = nextIndex(nodes, at + 1);
  const group = groupAt(nodes, open);
  const [seed, step] = splitByComma(group?.children ?? []).map((part) => Number(textOf(trimmed(part))));
  if (group === undefined || !Number.isSafeInteger(seed) || !Number.isSafeInteger(step) || step === 0) {
    throw syntaxErrorAt(group ?? nodes[at]);
  }
  if (draft.design.identity !== undefined) {
    throw definitionError(nodes[at], 'multiple IDENTITY columns are not allowed');
  }
  draft.design.identity = draft.name;
  const bound = (step ?? 1) > 0 ? 'minvalue' : 'maxvalue';
  const options = `${bound} ${seed} start with ${seed} increment by ${step}`;
  draft.out.push(...compose(startOf(nodes[at]), ` generated ${mode} as identity (${options})`));
  draft.notNull = true;
  return open + 1;
}
