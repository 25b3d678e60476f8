import { wordAt } from '../nodes.js';
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
