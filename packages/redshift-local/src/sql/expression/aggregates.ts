import { compose, groupAt, type Node, nextIndex, textOf, trimmed, wordAt } from '../nodes.js';
import type { RewriteContext, WordRule } from '../rewrite-context.js';
import { type FunctionCall, readCall } from './function-call.js';

/** Aggregates that PostgreSQL spells differently. */
export const AGGREGATES: ReadonlyMap<string, WordRule> = new Map<string, WordRule>([
  ['listagg', listagg],
  ['approximate', approximate],
  ['ratio_to_report', ratioToReport],
]);

/** `LISTAGG(x, d) WITHIN GROUP (ORDER BY o) [OVER (...)]`: the order moves into the arguments, or into the window. */
function listagg(level: readonly Node[], at: number, context: RewriteContext): ReturnType<WordRule> {
  const call = readCall(level, at, context);
  if (call === undefined) return undefined;
  const within = readWithinGroup(level, call.end, context);
  const over = readOver(level, within.end);
  const args = listaggArguments(call);
  if (over === undefined) {
    const order = within.order.length > 0 ? [' ', distinctOrder(call, within.order)] : [];
    return { nodes: compose(call.start, 'redshift_local.listagg(', args, ...order, ')'), end: within.end };
  }
  const frame = within.order.length > 0 ? ' rows between unbounded preceding and unbounded following' : '';
  const window = compose(call.start, trimmed(context.rewrite(over.children)), ' ', within.order, frame);
  return { nodes: compose(call.start, 'redshift_local.listagg(', args, ') over (', window, ')'), end: over.end };
}

function listaggArguments(call: FunctionCall): Node[] {
  const [value, delimiter] = call.args;
  const distinct = wordAt(value ?? [], 0) === 'distinct';
  const expression = trimmed((value ?? []).slice(distinct ? 1 : 0));
  return compose(call.start, distinct ? 'distinct (' : '(', expression, ')::varchar, ', delimiter ?? "''");
}

/** With DISTINCT, PostgreSQL orders only by the very expression that is aggregated: the cast one. */
function distinctOrder(call: FunctionCall, order: readonly Node[]): readonly Node[] {
  const value = call.args[0] ?? [];
  if (wordAt(value, 0) !== 'distinct') return order;
  const expression = trimmed(value.slice(1));
  const at = order.findIndex((_node, index) => wordAt(order, index) === 'by') + 1;
  const direction = ['asc', 'desc'].includes(wordAt(order, order.length - 1) ?? '') ? order.slice(-1) : [];
  const ordered = trimmed(order.slice(at, order.length - direction.length));
  if (textOf(ordered).toLowerCase() !== textOf(expression).toLowerCase()) return order;
  return compose(call.start, 'order by (', expression, ')::varchar ', direction);
}

function readWithinGroup(
  level: readonly Node[],
  from: number,
  context: RewriteContext,
): { readonly order: readonly Node[]; readonly end: number } {
  const within = nextIndex(level, from);
  const group = nextIndex(level, within + 1);
  const order = nextIndex(level, group + 1);
  const found = groupAt(level, order);
  if (wordAt(level, within) !== 'within' || wordAt(level, group) !== 'group' || found === undefined) {
    return { order: [], end: from };
  }
  return { order: trimmed(context.rewrite(found.children)), end: order + 1 };
}

function readOver(
  level: readonly Node[],
  from: number,
): { readonly children: readonly Node[]; readonly end: number } | undefined {
  const over = nextIndex(level, from);
  const at = nextIndex(level, over + 1);
  const group = groupAt(level, at);
  return wordAt(level, over) === 'over' && group !== undefined ? { children: group.children, end: at + 1 } : undefined;
}

/** The exact result is within the error that APPROXIMATE allows. */
function approximate(level: readonly Node[], at: number): ReturnType<WordRule> {
  const next = nextIndex(level, at + 1);
  const name = wordAt(level, next);
  return name === 'count' || name === 'percentile_disc' ? { nodes: [], end: next } : undefined;
}

function ratioToReport(level: readonly Node[], at: number, context: RewriteContext): ReturnType<WordRule> {
  const call = readCall(level, at, context);
  const over = call === undefined ? undefined : readOver(level, call.end);
  const value = call?.args[0];
  if (call === undefined || over === undefined || value === undefined) return undefined;
  const window = context.rewrite(over.children);
  const nodes = compose(call.start, '((', value, ')::double precision / sum(', value, ') over (', window, '))');
  return { nodes, end: over.end };
}
