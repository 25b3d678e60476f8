const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const SPACE = 0x20;

/** A decimal number taken apart: value = digits * 10^-scale. */
export interface DecimalText {
  readonly negative: boolean;
  /** Without leading zeros; empty for zero. */
  readonly digits: string;
  /** Digits of `digits` behind the point; negative for numbers like 1e9. */
  readonly scale: number;
}

/** Where a number breaks off: the offset of the offending byte. */
export interface BadDecimal {
  readonly badAt: number;
}

function digitsEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at;
}

/** Reads a decimal number with optional sign, fraction, exponent and surrounding blanks. */
export function parseDecimal(bytes: Buffer, start: number, end: number): DecimalText | BadDecimal {
  let at = start;
  let stop = end;
  while (at < stop && bytes[at] === SPACE) at++;
  while (stop > at && bytes[stop - 1] === SPACE) stop--;
  const negative = bytes[at] === MINUS;
  if (at < stop && (negative || bytes[at] === PLUS)) at++;
  const whole = digitsEnd(bytes, at, stop);
  let digits = bytes.toString('latin1', at, whole);
  let scale = 0;
  at = whole;
  if (at < stop && bytes[at] === POINT) {
    const fractionEnd = digitsEnd(bytes, at + 1, stop);
    scale = fractionEnd - at - 1;
    digits += bytes.toString('latin1', at + 1, fractionEnd);
    at = fractionEnd;
  }
  if (digits === '') return { badAt: Math.min(at, Math.max(stop - 1, start)) };
  if (at < stop && ((bytes[at] as number) | 0x20) === 0x65) {
    const signed = bytes[at + 1] === MINUS || bytes[at + 1] === PLUS ? at + 2 : at + 1;
    const exponentEnd = digitsEnd(bytes, signed, stop);
    if (exponentEnd === signed || exponentEnd - signed > 6) return { badAt: at };
    scale -= Number(bytes.toString('latin1', at + 1, exponentEnd));
    at = exponentEnd;
  }
  if (at < stop) return { badAt: at };
  return { negative, digits: digits.replace(/^0+/, ''), scale };
}
