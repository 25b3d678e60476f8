import { compose, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { readQualifiedName } from './qualified-name.js';
import { forward, rewriteOnly, type StatementRule } from './statement-rule.js';

const VACUUM_KINDS: ReadonlySet<string> = new Set(['full', 'sort', 'delete', 'only', 'reindex', 'recluster']);

/** TRUNCATE commits the transaction it runs in. */
export const truncate: StatementRule = (nodes, context) => {
  const first = nextIndex(nodes, 1);
  const name = readQualifiedName(nodes, wordAt(nodes, first) === 'table' ? first + 1 : first, context);
  return { kind: 'truncate', nodes: compose(startOf(nodes[0]), 'truncate table ', name.nodes) };
};

/** VACUUM of any kind; PostgreSQL refuses it in a transaction block itself. */
export const vacuum: StatementRule = (nodes, context) => {
  let at = nextIndex(nodes, 1);
  while (VACUUM_KINDS.has(wordAt(nodes, at) ?? '')) at = nextIndex(nodes, at + 1);
  const table = at < nodes.length && wordAt(nodes, at) !== 'to' ? readQualifiedName(nodes, at, context).nodes : [];
  return forward(compose(startOf(nodes[0]), 'vacuum ', table));
};

/** ANALYZE, and ANALYZE COMPRESSION, which PostgreSQL has no counterpart for. */
export const analyze: StatementRule = (nodes, context) => {
  let at = nextIndex(nodes, 1);
  if (wordAt(nodes, at) === 'verbose') at = nextIndex(nodes, at + 1);
  if (wordAt(nodes, at) === 'compression') return analyzeCompression(nodes, at, context);
  const columns = nodes.findIndex(
    (_node, index) => wordAt(nodes, index) === 'predicate' || wordAt(nodes, index) === 'all',
  );
  const end = columns < 0 ? nodes.length : columns;
  return rewriteOnly(['analyze', 'analyse'].includes(wordAt(nodes, 0) ?? '') ? nodes.slice(0, end) : nodes, context);
};

function analyzeCompression(
  ...[nodes, at, context]: [readonly Node[], number, Parameters<StatementRule>[1]]
): ReturnType<StatementRule> {
  const name = readQualifiedName(nodes, nextIndex(nodes, at + 1), context);
  const select = `select * from redshift_local.compression_report('${name.text.replaceAll("'", "''")}')`;
  return forward(compose(startOf(nodes[0]), select), { tag: 'ANALYZE COMPRESSION' });
}
