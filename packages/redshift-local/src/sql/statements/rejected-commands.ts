import { type Node, nextIndex, wordAt } from '../nodes.js';
import { commandNotSupported, syntaxErrorAt } from '../rejection.js';
import type { StatementRule } from './statement-rule.js';

/** Kinds of objects that Redshift's grammar still holds from PostgreSQL 8.0 and that it refuses. */
export const UNSUPPORTED_OBJECTS: ReadonlySet<string> = new Set([
  'index',
  'sequence',
  'trigger',
  'rule',
  'tablespace',
  'type',
  'domain',
  'aggregate',
  'operator',
  'constraint',
  'cast',
  'conversion',
]);

/** Kinds that PostgreSQL learnt after 8.0, which Redshift's grammar does not know. */
export const UNKNOWN_OBJECTS: ReadonlySet<string> = new Set([
  'extension',
  'publication',
  'subscription',
  'policy',
  'statistics',
  'collation',
  'server',
  'foreign',
  'event',
  'transform',
  'access',
  'unlogged',
]);

/** Refuses a command as a whole. */
export const notSupported: StatementRule = (nodes) => {
  throw commandNotSupported(nodes);
};

/** Refuses a command whose first word Redshift's grammar does not know. */
export const unknownCommand: StatementRule = (nodes) => {
  throw syntaxErrorAt(nodes[0]);
};

/** Throws when the word at `at` is a kind of object that Redshift does not have. */
export function rejectObject(nodes: readonly Node[], at: number): void {
  const word = wordAt(nodes, at);
  if (word === undefined) return;
  const isUniqueIndex = word === 'unique' && wordAt(nodes, nextIndex(nodes, at + 1)) === 'index';
  if (isUniqueIndex || UNSUPPORTED_OBJECTS.has(word)) throw commandNotSupported(nodes);
  if (UNKNOWN_OBJECTS.has(word)) throw syntaxErrorAt(nodes[at]);
}
