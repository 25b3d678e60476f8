import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { LoadErrorCode, type LoadFault, NULL_BYTE, tooLong } from '../load-fault.js';
import { hexBytes } from '../utf8.js';
import type { ColumnCodec } from './column-codec.js';
import { TextTrait, writeEscaped } from './copy-escape.js';

function firstMultibyte(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) < 0x80) at++;
  return at;
}

function characterBytes(bytes: Buffer, at: number, end: number): number {
  let stop = at + 1;
  while (stop < end && ((bytes[stop] as number) & 0xc0) === 0x80) stop++;
  return stop - at;
}

/** CHAR(n): single-byte characters only (DG "Multibyte character load errors"). */
export class CharCodec implements ColumnCodec {
  readonly typeName = 'char';
  readonly isText = true;
  readonly length: string;

  constructor(
    private readonly maxBytes: number,
    private readonly truncateColumns: boolean,
  ) {
    this.length = String(maxBytes);
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    const tooMany = end - start > this.maxBytes;
    if (tooMany && !this.truncateColumns) return tooLong(this.maxBytes);
    const stop = tooMany ? start + this.maxBytes : end;
    const trait = writeEscaped(out, bytes, start, stop);
    if (trait === TextTrait.plain) return undefined;
    if (trait === TextTrait.nul) return NULL_BYTE;
    const at = firstMultibyte(bytes, start, stop);
    const hex = hexBytes(bytes, at, characterBytes(bytes, at, end));
    return {
      code: LoadErrorCode.utf8,
      reason: `Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: ${hex}`,
      position: at - start,
    };
  }
}
