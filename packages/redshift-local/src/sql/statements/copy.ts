import { type Node, nextIndex, textOf, wordAt } from '../nodes.js';
import { commandNotSupported, errorAt, FEATURE_NOT_SUPPORTED, syntaxErrorAt } from '../rejection.js';
import { readQualifiedName } from './qualified-name.js';
import type { StatementRule } from './statement-rule.js';

/** COPY from S3 is the face's own work; every other source is refused. */
export const copy: StatementRule = (nodes, context) => {
  const target = readQualifiedName(nodes, 1, context);
  let at = nextIndex(nodes, target.end);
  if (nodes[at]?.kind === 'group') at = nextIndex(nodes, at + 1);
  if (wordAt(nodes, at) === 'to') throw commandNotSupported(nodes);
  if (wordAt(nodes, at) !== 'from') throw syntaxErrorAt(nodes[at]);
  const source = nodes[nextIndex(nodes, at + 1)];
  if (source?.kind !== 'string' || !source.value.startsWith('s3://')) throw unsupportedSource(source, nodes);
  return { kind: 'copy', target: target.text };
};

function unsupportedSource(source: Node | undefined, nodes: readonly Node[]): Error {
  if (source === undefined) return syntaxErrorAt(undefined);
  const isKnown = source.kind === 'string' || ['stdin', 'stdout'].includes(textOf([source]).toLowerCase());
  if (!isKnown) return syntaxErrorAt(source ?? nodes[0]);
  const message = 'LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)';
  return errorAt(source, FEATURE_NOT_SUPPORTED, message);
}
