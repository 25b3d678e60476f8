import type { CopyTextBuffer } from '../copy-text-buffer.js';

/** The byte that follows the backslash when a byte must be escaped in COPY text (PostgreSQL manual, "COPY"); 0 when it need not be. */
const ESCAPE = new Uint8Array(256);
ESCAPE[0x00] = 0x30;
ESCAPE[0x08] = 0x62;
ESCAPE[0x09] = 0x74;
ESCAPE[0x0a] = 0x6e;
ESCAPE[0x0b] = 0x76;
ESCAPE[0x0c] = 0x66;
ESCAPE[0x0d] = 0x72;
ESCAPE[0x5c] = 0x5c;

const BACKSLASH = 0x5c;

/** What was seen while text was written. */
export const TextTrait = {
  plain: 0,
  /** Bytes beyond ASCII, still unchecked. */
  multibyte: 1,
  /** A zero byte: nothing usable was written. */
  nul: 2,
} as const;

/** One value of {@link TextTrait}. */
export type TextTrait = (typeof TextTrait)[keyof typeof TextTrait];

/** Appends text with the escapes that COPY needs. Room for twice its length must be there. */
export function writeEscaped(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): TextTrait {
  const target = out.bytes;
  let length = out.length;
  let seen = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const marker = ESCAPE[byte] as number;
    seen |= byte;
    if (marker !== 0) {
      if (byte === 0) return TextTrait.nul;
      target[length++] = BACKSLASH;
      target[length++] = marker;
    } else {
      target[length++] = byte;
    }
  }
  out.length = length;
  return seen >= 0x80 ? TextTrait.multibyte : TextTrait.plain;
}
