/** The first invalid sequence in a piece of UTF-8. */
export interface Utf8Problem {
  /** Offset of the sequence in the buffer. */
  readonly at: number;
  readonly length: number;
  /** Error number of DG "Multibyte character load errors". */
  readonly error: number;
}

const INCOMPLETE_SEQUENCE = 2;
const BAD_START = 3;
const BAD_TRAIL = 4;
const SURROGATE = 5;
const BEYOND_MAXIMUM = 8;
const NO_CODE_POINT = 9;

function sequenceLength(first: number): number {
  if (first >= 0xc0 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf8) return 4;
  return 0;
}

function checkSequence(bytes: Buffer, at: number, end: number): Utf8Problem | number {
  const first = bytes[at] as number;
  const length = sequenceLength(first);
  if (length === 0) return { at, length: 1, error: BAD_START };
  for (let i = 1; i < length; i++) {
    if (at + i >= end) return { at, length: end - at, error: INCOMPLETE_SEQUENCE };
    if (((bytes[at + i] as number) & 0xc0) !== 0x80) return { at, length: i, error: BAD_TRAIL };
  }
  const second = bytes[at + 1] as number;
  if (length === 2 && first < 0xc2) return { at, length, error: NO_CODE_POINT };
  if (first === 0xe0 && second < 0xa0) return { at, length, error: NO_CODE_POINT };
  if (first === 0xed && second >= 0xa0) return { at, length, error: SURROGATE };
  if (first === 0xf0 && second < 0x90) return { at, length, error: NO_CODE_POINT };
  if (first > 0xf4 || (first === 0xf4 && second >= 0x90)) return { at, length, error: BEYOND_MAXIMUM };
  return length;
}

/** The first problem between `start` and `end`, or undefined when all of it is valid UTF-8. */
export function findInvalidUtf8(bytes: Buffer, start: number, end: number): Utf8Problem | undefined {
  let at = start;
  while (at < end) {
    if ((bytes[at] as number) < 0x80) {
      at++;
      continue;
    }
    const result = checkSequence(bytes, at, end);
    if (typeof result !== 'number') return result;
    at += result;
  }
  return undefined;
}

/** A copy of the bytes with every invalid sequence overwritten by as many replacement characters (DG ACCEPTINVCHARS). */
export function replaceInvalidUtf8(bytes: Buffer, start: number, end: number, replacement: number): Buffer {
  const copy = Buffer.from(bytes.subarray(start, end));
  let problem = findInvalidUtf8(copy, 0, copy.length);
  while (problem !== undefined) {
    copy.fill(replacement, problem.at, problem.at + problem.length);
    problem = findInvalidUtf8(copy, problem.at + problem.length, copy.length);
  }
  return copy;
}

/** The bytes in hexadecimal, as Redshift shows them in load errors. */
export function hexBytes(bytes: Buffer, start: number, length: number): string {
  return [...bytes.subarray(start, start + length)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
