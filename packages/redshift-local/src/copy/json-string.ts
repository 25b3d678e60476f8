const SIMPLE_ESCAPES = new Map<number, number>([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

const SIMPLE = new Uint8Array(256);
for (const [from, to] of SIMPLE_ESCAPES) SIMPLE[from] = to;

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function codeUnit(bytes: Buffer, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) unit = unit * 16 + hexDigit(bytes[i] ?? 0);
  return unit;
}

/** Whether `byte` may follow a backslash (all but `u`). */
export function isSimpleEscape(byte: number): boolean {
  return SIMPLE[byte] !== 0;
}

/** Writes one code point as UTF-8; a lone surrogate becomes the three bytes that mark it as invalid further on. */
function writeCodePoint(target: Buffer, at: number, point: number): number {
  if (point < 0x80) {
    target[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    target[at] = 0xc0 | (point >> 6);
    target[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    target[at] = 0xe0 | (point >> 12);
    target[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    target[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  target[at] = 0xf0 | (point >> 18);
  target[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  target[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  target[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}

/**
 * Decodes the inside of a JSON string whose escapes are known to be well formed.
 * `target` needs room for `end - start` bytes from `at`. Returns the offset after the last byte written.
 */
export function decodeJsonString(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  let to = at;
  let from = start;
  while (from < end) {
    const byte = source[from] as number;
    if (byte !== 0x5c) {
      target[to++] = byte;
      from++;
      continue;
    }
    const marker = source[from + 1] as number;
    if (marker !== 0x75) {
      target[to++] = SIMPLE[marker] as number;
      from += 2;
      continue;
    }
    let point = codeUnit(source, from + 2);
    from += 6;
    if (point >= 0xd800 && point < 0xdc00 && source[from] === 0x5c && source[from + 1] === 0x75 && from + 6 <= end) {
      const low = codeUnit(source, from + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        from += 6;
      }
    }
    to = writeCodePoint(target, to, point);
  }
  return to;
}
