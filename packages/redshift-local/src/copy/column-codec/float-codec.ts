import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { invalidDigit, type LoadFault, overflow } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';
import { parseDecimal } from './decimal-text.js';

/** Numbers of at most so many bytes without exponent are in range of both types and need no closer look. */
const PLAIN_BYTES = 30;

function isPlainNumber(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > PLAIN_BYTES) return false;
  let at = start;
  let digits = 0;
  let points = 0;
  if (bytes[at] === 0x2d) at++;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x30 && byte <= 0x39) digits++;
    else if (byte !== 0x2e || points++ > 0) return false;
  }
  return digits > 0;
}

/** REAL and DOUBLE PRECISION. */
export class FloatCodec implements ColumnCodec {
  readonly length = '0';
  readonly isText = false;
  private readonly label: string;

  constructor(readonly typeName: 'float4' | 'float8') {
    this.label = typeName === 'float4' ? 'Float' : 'Double';
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    if (isPlainNumber(bytes, start, end)) {
      const target = out.bytes;
      let length = out.length;
      for (let at = start; at < end; at++) target[length++] = bytes[at] as number;
      out.length = length;
      return undefined;
    }
    const number = parseDecimal(bytes, start, end);
    if ('badAt' in number) {
      return invalidDigit(start < end ? bytes[number.badAt] : undefined, number.badAt - start, this.label);
    }
    const value = Number(`${number.negative ? '-' : ''}${number.digits || '0'}e${-number.scale}`);
    const stored = this.typeName === 'float4' ? Math.fround(value) : value;
    if (!Number.isFinite(stored)) return overflow(this.label);
    out.ascii(String(stored));
    return undefined;
  }
}
