import type { PathNode } from './json-path-tree.js';
import { decodeJsonString, hexDigit, isSimpleEscape } from './json-string.js';
import { FieldKind, type RowFields } from './row-fields.js';

/** The value goes on beyond the bytes at hand. */
export const INCOMPLETE = -1;
/** The bytes are not JSON; `errorAt` and `expected` of the scanner say where and why. */
export const INVALID = -2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
/** Deeper nesting would exhaust the stack; no real load file comes near it. */
const MAX_DEPTH = 500;
const MAX_REMEMBERED_KEYS = 4096;

/** Reason of a row whose JSONPath walks into something that is no object. */
export const NOT_AN_OBJECT = 'Invalid JSONPath format: Member is not an object.';

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const LITERALS: readonly (readonly [Buffer, FieldKind])[] = [
  [Buffer.from('null'), FieldKind.null],
  [Buffer.from('true'), FieldKind.true],
  [Buffer.from('false'), FieldKind.false],
];

/**
 * A strict JSON reader over bytes. It walks one value once, checks it against the grammar of RFC 8259 and notes where the values
 * of the wanted paths stand. Nothing becomes a JavaScript value, so 64-bit integers, decimals and nested text stay exact.
 */
export class JsonScanner {
  bytes: Buffer = Buffer.alloc(0);
  /** Offset of the first byte that is not there yet. */
  limit = 0;
  errorAt = 0;
  expected = '';
  /** Set when a wanted path walks into a value that is no object. */
  notAnObject = false;
  private escaped = false;
  private depth = 0;

  constructor(private readonly fields: RowFields) {}

  /** Reads the object or array that starts at `start`. Returns the offset after it, INCOMPLETE or INVALID. */
  scan(start: number, root: PathNode): number {
    this.depth = 0;
    this.notAnObject = false;
    return this.value(start, root);
  }

  private fail(at: number, expected: string): number {
    if (at >= this.limit) return INCOMPLETE;
    this.errorAt = at;
    this.expected = expected;
    return INVALID;
  }

  private value(at: number, node: PathNode | undefined): number {
    const byte = this.bytes[at];
    if (at >= this.limit) return INCOMPLETE;
    if (byte === QUOTE) return this.string(at, node);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.container(at, byte, node);
    if (node !== undefined && node.members.size > 0 && byte !== 0x6e) this.notAnObject = true;
    if (byte === MINUS || isDigit(byte)) return this.number(at, node);
    return this.literal(at, node);
  }

  private string(at: number, node: PathNode | undefined): number {
    const close = this.closingQuote(at + 1);
    if (close < 0 || node === undefined) return close < 0 ? close : close + 1;
    if (node.members.size > 0) this.notAnObject = true;
    if (node.columns.length === 0) return close + 1;
    if (!this.escaped) {
      this.record(node, FieldKind.text, this.bytes, at + 1, close);
      return close + 1;
    }
    const scratch = this.fields.reserve(close - at);
    const from = this.fields.scratchStart;
    const to = decodeJsonString(this.bytes, at + 1, close, scratch, from);
    this.fields.keep(to);
    this.record(node, FieldKind.text, scratch, from, to);
    return close + 1;
  }

  /** Offset of the quote that closes the string whose inside starts at `from`; sets `escaped`. */
  private closingQuote(from: number): number {
    const bytes = this.bytes;
    const limit = this.limit;
    let at = from;
    this.escaped = false;
    while (at < limit) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) {
        at = this.escape(at);
        if (at < 0) return at;
      } else if (byte < 0x20) {
        return this.fail(at, 'Control character in a string.');
      } else {
        at++;
      }
    }
    return INCOMPLETE;
  }

  private escape(at: number): number {
    this.escaped = true;
    if (at + 1 >= this.limit) return INCOMPLETE;
    const byte = this.bytes[at + 1] as number;
    if (byte !== 0x75) return isSimpleEscape(byte) ? at + 2 : this.fail(at, 'Unknown escape in a string.');
    for (let i = at + 2; i < at + 6; i++) {
      if (i >= this.limit) return INCOMPLETE;
      if (hexDigit(this.bytes[i] as number) < 0) return this.fail(at, 'Four hexadecimal digits must follow \\u.');
    }
    return at + 6;
  }

  private container(at: number, open: number, node: PathNode | undefined): number {
    if (++this.depth > MAX_DEPTH) return this.fail(at, 'Nested too deep.');
    const end = open === OPEN_BRACE ? this.object(at, node) : this.array(at, node);
    this.depth--;
    if (end >= 0 && node !== undefined && node.columns.length > 0)
      this.record(node, FieldKind.json, this.bytes, at, end);
    return end;
  }

  private object(open: number, node: PathNode | undefined): number {
    let at = this.space(open + 1);
    if (at < this.limit && this.bytes[at] === CLOSE_BRACE) return at + 1;
    for (let index = 0; ; index++) {
      if (this.bytes[at] !== QUOTE || at >= this.limit) return this.fail(at, 'Expected a quoted name.');
      let child: PathNode | undefined;
      const slot = node?.order[index];
      if (slot !== undefined && this.matches(slot.bytes, at + 1)) {
        child = slot.child;
        at += slot.bytes.length + 2;
      } else {
        const close = this.closingQuote(at + 1);
        if (close < 0) return close;
        if (node !== undefined) child = this.lookUp(node, index, at + 1, close);
        at = close + 1;
      }
      at = this.space(at);
      if (this.bytes[at] !== COLON || at >= this.limit) return this.fail(at, "Expected ':'.");
      at = this.value(this.space(at + 1), child);
      if (at < 0) return at;
      at = this.space(at);
      if (at >= this.limit) return INCOMPLETE;
      if (this.bytes[at] === CLOSE_BRACE) return at + 1;
      if (this.bytes[at] !== COMMA) return this.fail(at, "Expected ',' or '}'.");
      at = this.space(at + 1);
    }
  }

  private array(open: number, node: PathNode | undefined): number {
    if (node !== undefined && node.members.size > 0) this.notAnObject = true;
    let at = this.space(open + 1);
    if (at < this.limit && this.bytes[at] === CLOSE_BRACKET) return at + 1;
    for (let index = 0; ; index++) {
      at = this.value(at, node?.elements.get(index));
      if (at < 0) return at;
      at = this.space(at);
      if (at >= this.limit) return INCOMPLETE;
      if (this.bytes[at] === CLOSE_BRACKET) return at + 1;
      if (this.bytes[at] !== COMMA) return this.fail(at, "Expected ',' or ']'.");
      at = this.space(at + 1);
    }
  }

  private matches(key: Buffer, at: number): boolean {
    const bytes = this.bytes;
    const length = key.length;
    if (at + length >= this.limit || bytes[at + length] !== QUOTE) return false;
    for (let i = 0; i < length; i++) if (key[i] !== bytes[at + i]) return false;
    return true;
  }

  private lookUp(node: PathNode, index: number, start: number, end: number): PathNode | undefined {
    const text = this.bytes.toString('utf8', start, end);
    if (this.escaped) return node.find(JSON.parse(`"${text}"`) as string);
    const child = node.find(text);
    if (index < MAX_REMEMBERED_KEYS) node.order[index] = { bytes: Buffer.from(this.bytes.subarray(start, end)), child };
    return child;
  }

  private number(start: number, node: PathNode | undefined): number {
    const bytes = this.bytes;
    let at = bytes[start] === MINUS ? start + 1 : start;
    if (!isDigit(bytes[at])) return this.fail(at, 'Expected a digit.');
    if (bytes[at] === 0x30) at++;
    else at = this.digits(at);
    if (bytes[at] === 0x2e) {
      if (at + 1 >= this.limit) return INCOMPLETE;
      if (!isDigit(bytes[at + 1])) return this.fail(at + 1, 'Expected a digit.');
      at = this.digits(at + 1);
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === MINUS) at++;
      if (at >= this.limit) return INCOMPLETE;
      if (!isDigit(bytes[at])) return this.fail(at, 'Expected a digit.');
      at = this.digits(at);
    }
    if (at >= this.limit) return INCOMPLETE;
    if (node !== undefined) this.record(node, FieldKind.number, bytes, start, at);
    return at;
  }

  private digits(from: number): number {
    let at = from;
    while (at < this.limit && isDigit(this.bytes[at])) at++;
    return at;
  }

  private literal(at: number, node: PathNode | undefined): number {
    for (const [word, kind] of LITERALS) {
      if (word[0] !== this.bytes[at]) continue;
      for (let i = 1; i < word.length; i++) {
        if (at + i >= this.limit) return INCOMPLETE;
        if (this.bytes[at + i] !== word[i]) return this.fail(at, 'Expected a JSON value.');
      }
      if (node !== undefined) this.record(node, kind, this.bytes, at, at + word.length);
      return at + word.length;
    }
    return this.fail(at, 'Expected a JSON value.');
  }

  private record(node: PathNode, kind: FieldKind, buffer: Buffer, start: number, end: number): void {
    for (const column of node.columns) this.fields.set(column, kind, buffer, start, end);
  }

  private space(from: number): number {
    const bytes = this.bytes;
    const limit = this.limit;
    let at = from;
    while (at < limit) {
      const byte = bytes[at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    return at;
  }
}
