import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { LoadErrorCode, type LoadFault } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';

/** Literals of DG "Boolean type", in lower case. */
const LITERALS = new Map<string, 't' | 'f'>([
  ...['t', 'true', 'y', 'yes', '1'].map((word) => [word, 't'] as const),
  ...['f', 'false', 'n', 'no', '0'].map((word) => [word, 'f'] as const),
]);

/** BOOLEAN. */
export class BooleanCodec implements ColumnCodec {
  readonly typeName = 'bool';
  readonly length = '0';
  readonly isText = false;

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    const literal = LITERALS.get(bytes.toString('latin1', start, end).trim().toLowerCase());
    if (literal === undefined) {
      return { code: LoadErrorCode.boolean, reason: 'Unknown boolean format', position: 0 };
    }
    out.ascii(literal);
    return undefined;
  }
}
