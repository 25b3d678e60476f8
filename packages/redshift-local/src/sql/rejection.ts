import { RedshiftError } from '../redshift-error.js';
import { type Node, startOf, textOf, trimmed } from './nodes.js';

export const SYNTAX_ERROR = '42601';
export const FEATURE_NOT_SUPPORTED = '0A000';

/** `syntax error at or near "..."`, pointing at the node; a missing node means the end of the statement. */
export function syntaxErrorAt(node: Node | undefined): RedshiftError {
  if (node === undefined) return new RedshiftError({ sqlState: SYNTAX_ERROR, message: 'syntax error at end of input' });
  const text = node.kind === 'group' ? '(' : node.text;
  return new RedshiftError({
    sqlState: SYNTAX_ERROR,
    message: `syntax error at or near "${text}"`,
    ...positionOf(node),
  });
}

/** The answer of Redshift to PostgreSQL commands that it parses and does not run. */
export function commandNotSupported(nodes: readonly Node[]): RedshiftError {
  return new RedshiftError({
    sqlState: FEATURE_NOT_SUPPORTED,
    message: `SQL command "${textOf(trimmed(nodes))}" not supported on Redshift tables.`,
  });
}

/** An error of the given class that points at a node. */
export function errorAt(node: Node | undefined, sqlState: string, message: string): RedshiftError {
  return new RedshiftError({ sqlState, message, ...positionOf(node) });
}

function positionOf(node: Node | undefined): { position?: number } {
  const start = startOf(node);
  return start >= 0 ? { position: start + 1 } : {};
}
