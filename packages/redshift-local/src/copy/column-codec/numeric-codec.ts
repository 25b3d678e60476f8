import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { invalidDigit, LoadErrorCode, type LoadFault } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';
import { type DecimalText, parseDecimal } from './decimal-text.js';

/** Largest precision of DECIMAL (DG "Numeric types"). */
const MAX_PRECISION = 38;

/** DECIMAL(p,s). Digits beyond the scale are cut off, or rounded with ROUNDEC (DG ROUNDEC). */
export class NumericCodec implements ColumnCodec {
  readonly typeName = 'numeric';
  readonly isText = false;
  readonly length: string;

  constructor(
    private readonly precision: number,
    private readonly scale: number,
    private readonly round: boolean,
  ) {
    this.length = `${precision},${scale}`;
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    const number = parseDecimal(bytes, start, end);
    if ('badAt' in number) {
      return invalidDigit(start < end ? bytes[number.badAt] : undefined, number.badAt - start, 'Decimal');
    }
    if (number.digits === '') {
      out.ascii('0');
      return undefined;
    }
    // Also keeps the shifting below from padding to absurd lengths.
    if (number.digits.length - number.scale > this.precision - this.scale) return this.overflow();
    const unscaled = this.toScale(number);
    if (unscaled.length > this.precision) return this.overflow();
    out.ensure(MAX_PRECISION + 4);
    out.ascii(this.place(number.negative, unscaled));
    return undefined;
  }

  private overflow(): LoadFault {
    return {
      code: LoadErrorCode.overflow,
      reason: `Overflow for NUMERIC(${this.precision},${this.scale})`,
      position: 0,
    };
  }

  /** The digits of the number at the column's scale. */
  private toScale({ digits, scale }: DecimalText): string {
    const surplus = scale - this.scale;
    if (surplus <= 0) return digits + '0'.repeat(-surplus);
    const kept = surplus >= digits.length ? '' : digits.slice(0, digits.length - surplus);
    const next = surplus > digits.length ? '0' : digits[digits.length - surplus];
    const roundUp = this.round && (next ?? '0') >= '5';
    return roundUp ? (BigInt(kept === '' ? '0' : kept) + 1n).toString() : kept;
  }

  private place(negative: boolean, unscaled: string): string {
    const padded = unscaled.padStart(this.scale + 1, '0');
    const whole = padded.slice(0, padded.length - this.scale);
    const text = this.scale === 0 ? whole : `${whole}.${padded.slice(padded.length - this.scale)}`;
    return negative ? `-${text}` : text;
  }
}
