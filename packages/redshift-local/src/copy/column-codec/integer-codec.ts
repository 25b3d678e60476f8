import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { invalidDigit, type LoadFault, overflow } from '../load-fault.js';
import { FieldKind } from '../row-fields.js';
import type { ColumnCodec } from './column-codec.js';

const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

interface IntegerType {
  readonly typeName: string;
  /** The type as err_reason names it. */
  readonly label: string;
  /** Digits of the largest value. */
  readonly largest: string;
}

const TYPES: Readonly<Record<'int2' | 'int4' | 'int8', IntegerType>> = {
  int2: { typeName: 'int2', label: 'Short', largest: '32767' },
  int4: { typeName: 'int4', label: 'Integer', largest: '2147483647' },
  int8: { typeName: 'int8', label: 'Long', largest: '9223372036854775807' },
};

function isBeyond(bytes: Buffer, from: number, digits: number, largest: string, negative: boolean): boolean {
  if (digits !== largest.length) return digits > largest.length;
  const text = bytes.toString('latin1', from, from + digits);
  return negative ? BigInt(text) > BigInt(largest) + 1n : text > largest;
}

/**
 * SMALLINT, INTEGER and BIGINT. Numbers in strings load. A JSON number with a fraction of zeros (`1540919166796.0`) loads, as
 * public loads of such data into BIGINT show; any other fraction is an invalid digit (unsure).
 */
export class IntegerCodec implements ColumnCodec {
  readonly length = '0';
  readonly isText = false;
  readonly typeName: string;
  private readonly type: IntegerType;

  constructor(name: 'int2' | 'int4' | 'int8') {
    this.type = TYPES[name];
    this.typeName = this.type.typeName;
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number, kind: FieldKind): LoadFault | undefined {
    let from = start;
    let to = kind === FieldKind.number ? this.withoutZeroFraction(bytes, start, end) : end;
    while (from < to && bytes[from] === SPACE) from++;
    while (to > from && bytes[to - 1] === SPACE) to--;
    const negative = bytes[from] === MINUS;
    if (from < to && (negative || bytes[from] === PLUS)) from++;
    if (from >= to) return invalidDigit(start < end ? bytes[start] : undefined, 0, this.type.label);
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return invalidDigit(bytes[at], at - start, this.type.label);
    }
    while (from < to - 1 && bytes[from] === ZERO) from++;
    const { largest, label } = this.type;
    if (to - from >= largest.length && isBeyond(bytes, from, to - from, largest, negative)) return overflow(label);
    const target = out.bytes;
    let length = out.length;
    if (negative) target[length++] = MINUS;
    for (let at = from; at < to; at++) target[length++] = bytes[at] as number;
    out.length = length;
    return undefined;
  }

  private withoutZeroFraction(bytes: Buffer, start: number, end: number): number {
    let at = end;
    while (at > start && bytes[at - 1] === ZERO) at--;
    return at < end && at > start && bytes[at - 1] === POINT ? at - 1 : end;
  }
}
