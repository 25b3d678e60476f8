import { compose, groupAt, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { quoteLiteral } from '../string-literal.js';
import { readQualifiedName } from './qualified-name.js';
import { forward, rewriteOnly, type StatementDraft, type StatementRule } from './statement-rule.js';
import { columnNames } from './table-attributes.js';

/** `TRUNCATE [TABLE] name`: one table, nothing after it. It commits the transaction it runs in. */
export const truncate: StatementRule = (nodes, context) => {
  const first = nextIndex(nodes, 1);
  const name = readQualifiedName(nodes, wordAt(nodes, first) === 'table' ? first + 1 : first, context);
  endAt(nodes, name.end);
  return { kind: 'truncate', nodes: compose(startOf(nodes[0]), 'truncate table ', name.nodes) };
};

/**
 * `VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [name] [TO threshold PERCENT] [BOOST]`. PostgreSQL has one kind; it
 * refuses VACUUM in a transaction block itself.
 */
export const vacuum: StatementRule = (nodes, context) => {
  let at = afterVacuumKind(nodes);
  const hasTable = at < nodes.length && wordAt(nodes, at) !== 'to';
  const name = hasTable ? readQualifiedName(nodes, at, context) : undefined;
  at = nextIndex(nodes, name?.end ?? at);
  if (wordAt(nodes, at) === 'to') at = afterThreshold(nodes, nextIndex(nodes, at + 1));
  if (wordAt(nodes, at) === 'boost') at = nextIndex(nodes, at + 1);
  endAt(nodes, at);
  return forward(compose(startOf(nodes[0]), 'vacuum ', name?.nodes ?? []));
};

/** `ANALYZE [VERBOSE] [name [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`, and ANALYZE COMPRESSION. */
export const analyze: StatementRule = (nodes, context) => {
  let at = nextIndex(nodes, 1);
  if (wordAt(nodes, at) === 'compression') return analyzeCompression(nodes, nextIndex(nodes, at + 1), context);
  if (wordAt(nodes, at) === 'verbose') at = nextIndex(nodes, at + 1);
  if (at < nodes.length && !isColumnChoice(nodes, at)) at = nextIndex(nodes, readQualifiedName(nodes, at, context).end);
  if (groupAt(nodes, at) !== undefined) at = nextIndex(nodes, at + 1);
  const end = at;
  if (isColumnChoice(nodes, at)) at = nextIndex(nodes, nextIndex(nodes, at + 1) + 1);
  endAt(nodes, at);
  return rewriteOnly(nodes.slice(0, end), context);
};

/** `ANALYZE COMPRESSION name [(columns)] [COMPROWS n]`, which PostgreSQL has no counterpart for. */
function analyzeCompression(nodes: readonly Node[], from: number, context: RewriteContext): StatementDraft {
  const name = readQualifiedName(nodes, from, context);
  let at = nextIndex(nodes, name.end);
  const columns = groupAt(nodes, at) === undefined ? undefined : columnNames(nodes, at);
  if (columns !== undefined) at = nextIndex(nodes, at + 1);
  if (wordAt(nodes, at) === 'comprows') at = afterNumber(nodes, nextIndex(nodes, at + 1));
  endAt(nodes, at);
  const filter = columns === undefined ? '' : ` where "column" in (${columns.map(quoteLiteral).join(', ')})`;
  const select = `select * from redshift_local.compression_report(${quoteLiteral(name.text)})${filter}`;
  return forward(compose(startOf(nodes[0]), select), { tag: 'ANALYZE COMPRESSION' });
}

function afterVacuumKind(nodes: readonly Node[]): number {
  const at = nextIndex(nodes, 1);
  const next = nextIndex(nodes, at + 1);
  switch (wordAt(nodes, at)) {
    case 'full':
    case 'reindex':
    case 'recluster':
      return next;
    case 'sort':
    case 'delete':
      if (wordAt(nodes, next) !== 'only') throw syntaxErrorAt(nodes[next]);
      return nextIndex(nodes, next + 1);
    default:
      return at;
  }
}

function afterThreshold(nodes: readonly Node[], at: number): number {
  const percent = afterNumber(nodes, at);
  if (wordAt(nodes, percent) !== 'percent') throw syntaxErrorAt(nodes[percent]);
  return nextIndex(nodes, percent + 1);
}

function afterNumber(nodes: readonly Node[], at: number): number {
  if (nodes[at]?.kind !== 'number') throw syntaxErrorAt(nodes[at]);
  return nextIndex(nodes, at + 1);
}

function isColumnChoice(nodes: readonly Node[], at: number): boolean {
  const word = wordAt(nodes, at);
  return (word === 'predicate' || word === 'all') && wordAt(nodes, nextIndex(nodes, at + 1)) === 'columns';
}

function endAt(nodes: readonly Node[], at: number): void {
  const rest = nextIndex(nodes, at);
  if (rest < nodes.length) throw syntaxErrorAt(nodes[rest]);
}
