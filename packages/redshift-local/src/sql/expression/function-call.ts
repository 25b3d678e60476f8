import { type Group, groupAt, type Node, nextIndex, splitByComma, startOf, trimmed } from '../nodes.js';
import type { RewriteContext, WordRule } from '../rewrite-context.js';

/** A call `name(args)` as a rule sees it: the arguments already rewritten. */
export interface FunctionCall {
  /** Where errors in the replacement point to. */
  readonly start: number;
  readonly group: Group;
  readonly args: readonly Node[][];
  /** Index of the node after the closing parenthesis. */
  readonly end: number;
  readonly context: RewriteContext;
}

/** Makes a rule for calls of a function; the builder returns the replacement, or undefined to leave the call alone. */
export function onCall(build: (call: FunctionCall) => readonly Node[] | undefined): WordRule {
  return (level, at, context) => {
    const call = readCall(level, at, context);
    const nodes = call === undefined ? undefined : build(call);
    return call === undefined || nodes === undefined ? undefined : { nodes, end: call.end };
  };
}

/** Reads the call whose name stands at `at`; undefined when no parenthesis follows. */
export function readCall(level: readonly Node[], at: number, context: RewriteContext): FunctionCall | undefined {
  const open = nextIndex(level, at + 1);
  const group = groupAt(level, open);
  if (group === undefined) return undefined;
  const args = splitByComma(group.children).map((part) => trimmed(context.rewrite(part)));
  return { start: startOf(level[at]), group, args, end: open + 1, context };
}

/** Joins argument lists with commas. */
export function commaList(args: readonly (readonly Node[])[], separator: readonly Node[]): Node[] {
  return args.flatMap((arg, index) => (index === 0 ? [...arg] : [...separator, ...arg]));
}
