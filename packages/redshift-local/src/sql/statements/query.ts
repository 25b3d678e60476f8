import { compose, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { readQualifiedName } from './qualified-name.js';
import { forward, type StatementRule } from './statement-rule.js';
import { declareTable, emptyDesign } from './table-design.js';

/** SELECT, and SELECT INTO, which makes a table. */
export const select: StatementRule = (nodes, context) => {
  const into = nodes.findIndex((_node, at) => wordAt(nodes, at) === 'into');
  if (into < 0) return forward(context.rewrite(nodes));
  let at = nextIndex(nodes, into + 1);
  while (['temp', 'temporary', 'table'].includes(wordAt(nodes, at) ?? '')) at = nextIndex(nodes, at + 1);
  const name = readQualifiedName(nodes, at, context);
  return forward(context.rewrite(nodes), { after: [declareTable(name.text, emptyDesign())] });
};

/** CANCEL pid ['message'] ends another session's statement. */
export const cancel: StatementRule = (nodes) => {
  const pid = nodes[nextIndex(nodes, 1)];
  const start = startOf(nodes[0]);
  const target: readonly Node[] = pid === undefined ? [] : [pid];
  return forward(compose(start, 'select redshift_local.pg_cancel_backend((', target, ')::integer)'), { tag: 'CANCEL' });
};
