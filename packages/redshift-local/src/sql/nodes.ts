import type { Token } from './token.js';
import { foldIdentifier, tokenise } from './tokenise.js';

/** A parenthesis with what it holds; `close` is missing where the statement ends before it. */
export interface Group {
  readonly kind: 'group';
  readonly open: Token;
  readonly children: readonly Node[];
  readonly close: Token | undefined;
}

/** A token, or a parenthesised run of nodes. */
export type Node = Token | Group;

/** Nests tokens by their parentheses. */
export function nest(tokens: readonly Token[]): Node[] {
  const root: Node[] = [];
  const stack: { open: Token; children: Node[] }[] = [];
  let level = root;
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === '(') {
      stack.push({ open: token, children: [] });
      level = stack[stack.length - 1]?.children ?? root;
    } else if (token.kind === 'operator' && token.text === ')' && stack.length > 0) {
      level = closeGroup(root, stack, token);
    } else level.push(token);
  }
  while (stack.length > 0) closeGroup(root, stack, undefined);
  return root;
}

function closeGroup(root: Node[], stack: { open: Token; children: Node[] }[], close: Token | undefined): Node[] {
  const group = stack.pop();
  const level = stack[stack.length - 1]?.children ?? root;
  if (group !== undefined) level.push({ kind: 'group', open: group.open, children: group.children, close });
  return level;
}

/** The tokens of the nodes, in order. */
export function flatten(nodes: readonly Node[]): Token[] {
  const tokens: Token[] = [];
  collect(nodes, tokens);
  return tokens;
}

function collect(nodes: readonly Node[], into: Token[]): void {
  for (const node of nodes) {
    if (node.kind !== 'group') into.push(node);
    else {
      into.push(node.open);
      collect(node.children, into);
      if (node.close !== undefined) into.push(node.close);
    }
  }
}

/** The text of the nodes. */
export function textOf(nodes: readonly Node[]): string {
  return flatten(nodes)
    .map((token) => token.text)
    .join('');
}

export function isTrivia(node: Node): boolean {
  return node.kind === 'space' || node.kind === 'comment';
}

/** Offset of the node's first character in the client's text; -1 for what the face added. */
export function startOf(node: Node | undefined): number {
  if (node === undefined) return -1;
  return node.kind === 'group' ? node.open.start : node.start;
}

/** Index of the first node at or after `from` that is no trivia; `nodes.length` when there is none. */
export function nextIndex(nodes: readonly Node[], from: number): number {
  let at = from;
  while (at < nodes.length && isTrivia(nodes[at] as Node)) at++;
  return at;
}

/** Index of the last node before `before` that is no trivia; -1 when there is none. */
export function previousIndex(nodes: readonly Node[], before: number): number {
  let at = before - 1;
  while (at >= 0 && isTrivia(nodes[at] as Node)) at--;
  return at;
}

/** The lower-case value of an unquoted word at the index. */
export function wordAt(nodes: readonly Node[], index: number): string | undefined {
  const node = nodes[index];
  return node?.kind === 'word' ? node.value : undefined;
}

/** The text of an operator at the index. */
export function operatorAt(nodes: readonly Node[], index: number): string | undefined {
  const node = nodes[index];
  return node?.kind === 'operator' ? node.text : undefined;
}

/** The group at the index, if there is one. */
export function groupAt(nodes: readonly Node[], index: number): Group | undefined {
  const node = nodes[index];
  return node?.kind === 'group' ? node : undefined;
}

/** True when the word or name at the index follows a dot: a column or function of something named. */
export function isQualified(nodes: readonly Node[], index: number): boolean {
  return operatorAt(nodes, previousIndex(nodes, index)) === '.';
}

/** Cuts nodes at the commas of their own level. An empty list gives no parts. */
export function splitByComma(nodes: readonly Node[]): Node[][] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (node.kind === 'operator' && node.text === ',') parts.push([]);
    else parts[parts.length - 1]?.push(node);
  }
  if (parts.length === 1 && (parts[0] ?? []).every(isTrivia)) return [];
  return parts;
}

/** Without leading and trailing trivia. */
export function trimmed(nodes: readonly Node[]): Node[] {
  return nodes.slice(nextIndex(nodes, 0), previousIndex(nodes, nodes.length) + 1);
}

/** The nodes that are no trivia. */
export function significant(nodes: readonly Node[]): Node[] {
  return nodes.filter((node) => !isTrivia(node));
}

/**
 * Builds nodes out of PostgreSQL text and existing nodes. Errors in the text point at `at`, an offset into the client's statement
 * (-1: nowhere).
 */
export function compose(at: number, ...parts: readonly (string | readonly Node[])[]): Node[] {
  const tokens: Token[] = [];
  for (const part of parts) {
    if (typeof part !== 'string') collect(part, tokens);
    else for (const token of tokenise(part)) tokens.push({ ...token, start: at, written: true });
  }
  return nest(tokens);
}

/** One token of PostgreSQL text the face writes itself. */
export function written(text: string, at: number): Token {
  return { kind: 'word', text, value: foldIdentifier(text), start: at, written: true };
}
