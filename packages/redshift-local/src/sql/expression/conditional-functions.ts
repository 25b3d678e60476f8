import { compose, type Node } from '../nodes.js';
import type { WordRule } from '../rewrite-context.js';
import { commaList, type FunctionCall, onCall } from './function-call.js';

/** NVL, NVL2, DECODE and two-argument ISNULL, as the standard expressions they stand for. */
export const CONDITIONAL_FUNCTIONS: ReadonlyMap<string, WordRule> = new Map([
  ['nvl', onCall((call) => (call.args.length > 0 ? coalesce(call) : undefined))],
  ['isnull', onCall((call) => (call.args.length === 2 ? coalesce(call) : undefined))],
  ['nvl2', onCall(nvl2)],
  ['decode', onCall(decode)],
]);

function coalesce(call: FunctionCall): Node[] {
  return compose(call.start, 'coalesce(', commaList(call.args, compose(call.start, ', ')), ')');
}

function nvl2({ start, args: [value, present, absent] }: FunctionCall): Node[] | undefined {
  if (value === undefined || present === undefined || absent === undefined) return undefined;
  return compose(start, 'case when (', value, ') is not null then ', present, ' else ', absent, ' end');
}

/** Unlike `=`, DECODE finds NULL equal to NULL. */
function decode({ start, args }: FunctionCall): Node[] | undefined {
  const [value, ...pairs] = args;
  if (value === undefined || pairs.length < 2) return undefined;
  const parts: (string | Node[])[] = ['case'];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    parts.push(' when (', value, ') is not distinct from (', pairs[at] ?? [], ') then ', pairs[at + 1] ?? []);
  }
  if (pairs.length % 2 === 1) parts.push(' else ', pairs[pairs.length - 1] ?? []);
  return compose(start, ...parts, ' end');
}
