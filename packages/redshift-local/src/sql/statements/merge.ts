import { compose, flatten, type Node, nextIndex, significant, startOf, trimmed, wordAt } from '../nodes.js';
import { errorAt, FEATURE_NOT_SUPPORTED, syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { type QualifiedName, readQualifiedName } from './qualified-name.js';
import { forward, lockForWrite, type StatementDraft, type StatementRule } from './statement-rule.js';

interface MergeParts {
  readonly target: QualifiedName;
  readonly source: QualifiedName;
  /** Alias of the source, or its own name. */
  readonly sourceAlias: readonly Node[];
  readonly condition: readonly Node[];
  /** From the first WHEN, or REMOVE. */
  readonly actions: readonly Node[];
}

/** MERGE with Redshift's restrictions: the source is a table, the condition equalities, at most one clause of each kind. */
export const merge: StatementRule = (nodes, context) => {
  const parts = readParts(nodes, context);
  if (wordAt(parts.actions, 0) === 'remove') return removeDuplicates(nodes, parts, context);
  checkActions(parts.actions);
  return forward(context.rewrite(nodes), { lock: lockForWrite(parts.target.text) });
};

function readParts(nodes: readonly Node[], context: RewriteContext): MergeParts {
  const into = nextIndex(nodes, 1);
  if (wordAt(nodes, into) !== 'into') throw syntaxErrorAt(nodes[into]);
  const target = readQualifiedName(nodes, into + 1, context);
  const using = nextIndex(nodes, target.end);
  if (wordAt(nodes, using) !== 'using') throw syntaxErrorAt(nodes[using]);
  const source = readQualifiedName(nodes, using + 1, context);
  const on = nodes.findIndex((_node, at) => at >= source.end && wordAt(nodes, at) === 'on');
  if (on < 0) throw syntaxErrorAt(nodes[nextIndex(nodes, source.end)]);
  const alias = significant(nodes.slice(source.end, on)).filter((node) => node.kind === 'group' || node.value !== 'as');
  const end = nodes.findIndex((_node, at) => at > on && ['when', 'remove'].includes(wordAt(nodes, at) ?? ''));
  if (end < 0) throw syntaxErrorAt(undefined);
  const condition = trimmed(nodes.slice(on + 1, end));
  checkCondition(condition);
  return { target, source, sourceAlias: alias.length > 0 ? alias : source.nodes, condition, actions: nodes.slice(end) };
}

/** Only equalities joined by AND. The wording is unverified. */
function checkCondition(condition: readonly Node[]): void {
  const refused = flatten(condition).find(
    (token) =>
      (token.kind === 'operator' && ['<', '>', '<=', '>=', '<>', '!=', '~'].includes(token.text)) ||
      (token.kind === 'word' && ['or', 'like', 'ilike', 'between', 'in'].includes(token.value)),
  );
  if (refused !== undefined) {
    throw errorAt(refused, FEATURE_NOT_SUPPORTED, 'MERGE supports only equality predicates in its match condition.');
  }
}

/** `WHEN MATCHED THEN UPDATE|DELETE` and `WHEN NOT MATCHED THEN INSERT`, each at most once and in this order. */
function checkActions(actions: readonly Node[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < actions.length; at++) {
    if (wordAt(actions, at) !== 'when') continue;
    let matched = nextIndex(actions, at + 1);
    const kind = wordAt(actions, matched) === 'not' ? 'not matched' : 'matched';
    if (kind === 'not matched') matched = nextIndex(actions, matched + 1);
    const then = nextIndex(actions, matched + 1);
    if (wordAt(actions, matched) !== 'matched' || wordAt(actions, then) !== 'then') throw syntaxErrorAt(actions[then]);
    if (seen.has(kind)) throw syntaxErrorAt(actions[at]);
    seen.add(kind);
    const verb = nextIndex(actions, then + 1);
    const allowed = kind === 'matched' ? ['update', 'delete'] : ['insert'];
    if (!allowed.includes(wordAt(actions, verb) ?? '')) throw syntaxErrorAt(actions[verb]);
  }
  if (seen.size === 0) throw syntaxErrorAt(actions[0]);
}

/** The rows of the source, once each, take the place of the rows they match. */
function removeDuplicates(nodes: readonly Node[], parts: MergeParts, context: RewriteContext): StatementDraft {
  const duplicates = nextIndex(parts.actions, 1);
  if (wordAt(parts.actions, duplicates) !== 'duplicates') throw syntaxErrorAt(parts.actions[duplicates]);
  const { target, source, sourceAlias, condition } = parts;
  const start = startOf(nodes[0]);
  const relation = compose(
    start,
    source.nodes,
    sourceAlias === source.nodes ? '' : ' as ',
    sourceAlias === source.nodes ? '' : sourceAlias,
  );
  const remove = compose(
    start,
    'delete from ',
    target.nodes,
    ' using ',
    relation,
    ' where ',
    context.rewrite(condition),
  );
  const insert = compose(start, 'insert into ', target.nodes, ' select distinct * from ', source.nodes);
  return forward(insert, { lock: lockForWrite(target.text), before: [remove], tag: 'MERGE' });
}
