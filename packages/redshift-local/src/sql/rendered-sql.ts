import type { Token } from './token.js';

/** PostgreSQL text made from tokens, with the way back to the client's own text. */
export interface RenderedSql {
  readonly text: string;
  /** Maps a 1-based position in `text`, in characters, to one in the client's text; undefined for what the face added. */
  toSource(position: number): number | undefined;
}

/** Joins tokens to text. `source` is the client's text that the tokens' offsets point into. */
export function renderSql(tokens: readonly Token[], source: string): RenderedSql {
  let text = '';
  for (const token of tokens) text += token.text;
  return { text, toSource: (position) => sourcePosition(tokens, source, { text, position }) };
}

/** Counts characters as PostgreSQL does, where a surrogate pair is one. */
export function characterCount(text: string, end: number): number {
  let count = 0;
  for (let at = 0; at < end; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

function sourcePosition(
  tokens: readonly Token[],
  source: string,
  target: { readonly text: string; readonly position: number },
): number | undefined {
  const offset = unitOffset(target.text, target.position - 1);
  let end = 0;
  let last: Token | undefined;
  for (const token of tokens) {
    end += token.text.length;
    last = token;
    if (offset < end) break;
  }
  if (last === undefined || last.start < 0) return undefined;
  const inside = source.startsWith(last.text, last.start) ? Math.max(0, offset - (end - last.text.length)) : 0;
  return characterCount(source, last.start + inside) + 1;
}

function unitOffset(text: string, characters: number): number {
  let at = 0;
  for (let count = 0; count < characters && at < text.length; count++)
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
