import { nextIndex, wordAt } from '../nodes.js';
import { commandNotSupported } from '../rejection.js';
import { forward, type StatementRule } from './statement-rule.js';

/** BEGIN, START TRANSACTION, COMMIT, END, ABORT. */
export const transactionControl: StatementRule = (nodes, context) =>
  forward(context.rewrite(nodes), { controlsTransaction: true });

/** ROLLBACK, but not to a savepoint: Redshift has none. */
export const rollback: StatementRule = (nodes, context) => {
  if (nodes.some((_node, at) => at > 0 && wordAt(nodes, at) === 'to')) throw commandNotSupported(nodes);
  return forward(context.rewrite(nodes), { controlsTransaction: true });
};

/** LOCK [TABLE] takes every table exclusively, while readers go on. */
export const lock: StatementRule = (nodes, context) => {
  const rewritten = context.rewrite(nodes);
  const hasMode = rewritten.some((_node, at) => wordAt(rewritten, at) === 'mode');
  if (hasMode || nextIndex(nodes, 1) >= nodes.length) return forward(rewritten);
  const mode = context.rewrite([]);
  return forward([
    ...rewritten,
    ...mode,
    { kind: 'space', text: LOCK_MODE, value: LOCK_MODE, start: -1, written: true },
  ]);
};

const LOCK_MODE = ' in share row exclusive mode';
