import { compose, type Node, nextIndex, significant, startOf, wordAt } from '../nodes.js';
import type { RewriteContext } from '../rewrite-context.js';
import { alterTable } from './alter-table.js';
import { createTable } from './create-table.js';
import { readQualifiedName } from './qualified-name.js';
import { rejectObject } from './rejected-commands.js';
import { forward, rewriteOnly, type StatementDraft, type StatementRule } from './statement-rule.js';

/** CREATE of anything. */
export const create: StatementRule = (nodes, context) => {
  const at = nextIndex(nodes, 1);
  rejectObject(nodes, at);
  switch (wordAt(nodes, at)) {
    case 'table':
    case 'temp':
    case 'temporary':
    case 'local':
      return isTable(nodes) ? createTable(nodes, context) : rewriteOnly(nodes, context);
    case 'database':
      return createDatabase(nodes, at, context);
    case 'schema':
      return forward(withoutQuota(context.rewrite(nodes)));
    case 'user':
      return forward(userOptions(context.rewrite(nodes)));
    default:
      return forward(withoutSchemaBinding(context.rewrite(nodes)));
  }
};

/** ALTER of anything. */
export const alter: StatementRule = (nodes, context) => {
  const at = nextIndex(nodes, 1);
  rejectObject(nodes, at);
  if (wordAt(nodes, at) === 'table') return alterTable(nodes, context);
  return wordAt(nodes, at) === 'user' ? forward(userOptions(context.rewrite(nodes))) : rewriteOnly(nodes, context);
};

/** DROP of anything. */
export const drop: StatementRule = (nodes, context) => {
  const at = nextIndex(nodes, 1);
  rejectObject(nodes, at);
  if (wordAt(nodes, at) !== 'database') return rewriteOnly(nodes, context);
  const database = readQualifiedName(nodes, at + 1, context).parts[0] ?? '';
  return { kind: 'database', action: 'drop', nodes: context.rewrite(nodes), database };
};

function isTable(nodes: readonly Node[]): boolean {
  return significant(nodes)
    .slice(1, 4)
    .some((node) => node.kind === 'word' && node.value === 'table');
}

function createDatabase(nodes: readonly Node[], at: number, context: RewriteContext): StatementDraft {
  const name = readQualifiedName(nodes, at + 1, context);
  const options = nodes.slice(name.end);
  const ownerAt = options.findIndex((_node, index) => wordAt(options, index) === 'owner');
  const owner =
    ownerAt < 0 ? [] : context.rewrite(readQualifiedName(options, skipEquals(options, ownerAt), context).nodes);
  const start = startOf(nodes[0]);
  const statement = compose(start, 'create database ', name.nodes, owner.length > 0 ? ' owner ' : '', owner);
  return { kind: 'database', action: 'create', nodes: statement, database: name.parts[0] ?? '' };
}

function skipEquals(nodes: readonly Node[], at: number): number {
  const next = nextIndex(nodes, at + 1);
  const node = nodes[next];
  return node?.kind === 'operator' && node.text === '=' ? next + 1 : next;
}

function withoutQuota(nodes: readonly Node[]): readonly Node[] {
  const at = nodes.findIndex((_node, index) => index > 1 && wordAt(nodes, index) === 'quota');
  return at < 0 ? nodes : nodes.slice(0, at);
}

/** Late binding views are bound when they are made: PostgreSQL has no other kind. */
function withoutSchemaBinding(nodes: readonly Node[]): readonly Node[] {
  const words = significant(nodes).slice(-4);
  const phrase = words.map((_node, index) => wordAt(words, index)).join(' ');
  return phrase === 'with no schema binding' ? nodes.slice(0, nodes.indexOf(words[0] as Node)) : nodes;
}

/** `PASSWORD DISABLE`, and options that only Redshift has. */
function userOptions(nodes: readonly Node[]): readonly Node[] {
  return nodes.map((node, at) => {
    const isDisable = node.kind === 'word' && node.value === 'disable' && at > 1;
    return isDisable ? { ...node, text: 'null', value: 'null' } : node;
  });
}
