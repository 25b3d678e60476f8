import { compose, flatten, type Node, nextIndex, operatorAt, significant, trimmed, wordAt } from '../nodes.js';
import type { RewriteContext, WordRule } from '../rewrite-context.js';
import { quoteLiteral } from '../string-literal.js';
import { commaList, type FunctionCall, onCall, readCall } from './function-call.js';

/**
 * Date functions whose first argument is a bare part name: `dateadd(day, 1, x)` becomes
 * `redshift_local.dateadd('day', 1, x)`, whose SQL body PostgreSQL inlines.
 */
export const DATE_FUNCTIONS: ReadonlyMap<string, WordRule> = new Map<string, WordRule>([
  ['dateadd', onCall((call) => partFirst(call, 'dateadd', 3))],
  ['date_add', onCall((call) => partFirst(call, 'dateadd', 3))],
  ['datediff', onCall((call) => partFirst(call, 'datediff', 3))],
  ['date_diff', onCall((call) => partFirst(call, 'datediff', 3))],
  ['date_part', onCall((call) => partFirst(call, 'date_part', 2))],
  ['pgdate_part', onCall((call) => partFirst(call, 'date_part', 2))],
  ['date_trunc', onCall((call) => partFirst(call, 'date_trunc', 2))],
  ['extract', extract],
  ['sysdate', sysdate],
]);

function partFirst(call: FunctionCall, name: string, arity: number): Node[] | undefined {
  const [part, ...values] = call.args;
  if (part === undefined || call.args.length !== arity) return undefined;
  const typed = values.map((value) => timestampLiteral(value, call.start));
  const comma = compose(call.start, ', ');
  return compose(
    call.start,
    `redshift_local.${name}(`,
    commaList([partLiteral(part, call.start), ...typed], comma),
    ')',
  );
}

/** EXTRACT gives an INTEGER where DATE_PART gives a DOUBLE PRECISION; seconds since the epoch need a BIGINT. */
function extract(level: readonly Node[], at: number, context: RewriteContext): ReturnType<WordRule> {
  const call = readCall(level, at, context);
  if (call === undefined) return undefined;
  const { children } = call.group;
  const partAt = nextIndex(children, 0);
  const fromAt = nextIndex(children, partAt + 1);
  const part = children[partAt];
  if (part === undefined || wordAt(children, fromAt) !== 'from') return undefined;
  const name = partLiteral([part], call.start);
  const value = timestampLiteral(trimmed(context.rewrite(children.slice(fromAt + 1))), call.start);
  const exact = part.kind !== 'group' && part.value.toLowerCase() === 'epoch' ? '0::bigint' : '0';
  return { nodes: compose(call.start, 'redshift_local.date_part(', name, ', ', value, `, ${exact})`), end: call.end };
}

/** SYSDATE is written without parentheses, except by those who take it for a function. */
function sysdate(level: readonly Node[], at: number): ReturnType<WordRule> {
  const before = significant(level.slice(Math.max(0, at - 4), at)).at(-1);
  if (before?.kind === 'word' && before.value === 'as') return undefined;
  const node = level[at];
  if (node === undefined || node.kind === 'group' || operatorAt(level, nextIndex(level, at + 1)) === '.')
    return undefined;
  const next = level[nextIndex(level, at + 1)];
  const end = next?.kind === 'group' && next.children.length === 0 ? nextIndex(level, at + 1) + 1 : at + 1;
  return { nodes: compose(node.start, 'pg_catalog.sysdate()'), end };
}

function partLiteral(part: readonly Node[], start: number): Node[] {
  const [only, ...more] = significant(part);
  if (only === undefined || only.kind === 'group' || more.length > 0) return [...part];
  return only.kind === 'word' || only.kind === 'quoted' ? compose(start, quoteLiteral(only.value)) : [...part];
}

/** A bare literal or parameter is a TIMESTAMP to Redshift; PostgreSQL would prefer TIMESTAMP WITH TIME ZONE. */
function timestampLiteral(value: readonly Node[], start: number): Node[] {
  const tokens = significant(flatten(value));
  const only = tokens.length === 1 ? tokens[0] : undefined;
  return only?.kind === 'string' ? compose(start, value, '::timestamp') : [...value];
}
