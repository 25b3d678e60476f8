import { compose, groupAt, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import { readQualifiedName } from './qualified-name.js';
import { forward, lockForWrite, type StatementRule } from './statement-rule.js';

/** INSERT: writers of one table queue up; ON CONFLICT and RETURNING do not exist. */
export const insert: StatementRule = (nodes, context) => {
  const into = nextIndex(nodes, 1);
  if (wordAt(nodes, into) !== 'into') throw syntaxErrorAt(nodes[into]);
  const name = readQualifiedName(nodes, into + 1, context);
  rejectClause(
    nodes,
    name.end,
    (at) => wordAt(nodes, at) === 'on' && wordAt(nodes, nextIndex(nodes, at + 1)) === 'conflict',
  );
  rejectReturning(nodes, name.end);
  return forward(context.rewrite(nodes), { lock: lockForWrite(name.text) });
};

/** UPDATE takes the table's write lock. */
export const update: StatementRule = (nodes, context) => {
  const name = readQualifiedName(nodes, 1, context);
  rejectReturning(nodes, name.end);
  return forward(context.rewrite(nodes), { lock: lockForWrite(name.text) });
};

/** DELETE takes the table's write lock; FROM is optional in Redshift. */
export const deleteFrom: StatementRule = (nodes, context) => {
  const first = nextIndex(nodes, 1);
  const hasFrom = wordAt(nodes, first) === 'from';
  const name = readQualifiedName(nodes, hasFrom ? first + 1 : first, context);
  rejectReturning(nodes, name.end);
  const rewritten = context.rewrite(
    hasFrom ? nodes : [...nodes.slice(0, 1), ...compose(startOf(nodes[0]), ' from '), ...nodes.slice(first)],
  );
  return forward(rewritten, { lock: lockForWrite(name.text) });
};

function rejectReturning(nodes: readonly Node[], from: number): void {
  rejectClause(nodes, from, (at) => {
    if (wordAt(nodes, at) !== 'returning') return false;
    const next = nextIndex(nodes, at + 1);
    return next < nodes.length && groupAt(nodes, next) === undefined;
  });
}

function rejectClause(nodes: readonly Node[], from: number, isClause: (at: number) => boolean): void {
  for (let at = from; at < nodes.length; at++) if (isClause(at)) throw syntaxErrorAt(nodes[at]);
}
