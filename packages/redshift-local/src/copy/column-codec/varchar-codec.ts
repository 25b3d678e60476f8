import type { ConversionOptions } from '../conversion-options.js';
import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { LoadErrorCode, type LoadFault, NULL_BYTE, tooLong } from '../load-fault.js';
import { findInvalidUtf8, hexBytes, replaceInvalidUtf8 } from '../utf8.js';
import type { ColumnCodec } from './column-codec.js';
import { TextTrait, writeEscaped } from './copy-escape.js';

/** VARCHAR(n): n counts bytes. Numbers, booleans and nested JSON load as they are written in the file. */
export class VarcharCodec implements ColumnCodec {
  readonly typeName = 'varchar';
  readonly isText = true;
  readonly length: string;

  /** @param maxBytes the declared length, in bytes. */
  constructor(
    private readonly maxBytes: number,
    private readonly options: Pick<ConversionOptions, 'truncateColumns' | 'invalidCharReplacement'>,
  ) {
    this.length = String(maxBytes);
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    const before = out.length;
    let stop = end;
    if (end - start > this.maxBytes) {
      if (!this.options.truncateColumns) return tooLong(this.maxBytes);
      stop = this.truncate(bytes, start);
    }
    const trait = writeEscaped(out, bytes, start, stop);
    if (trait === TextTrait.plain) return undefined;
    if (trait === TextTrait.nul) return NULL_BYTE;
    const problem = findInvalidUtf8(bytes, start, stop);
    if (problem === undefined) return undefined;
    const replacement = this.options.invalidCharReplacement;
    if (replacement === undefined) {
      const hex = hexBytes(bytes, problem.at, problem.length);
      const reason = `String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ${hex} (error ${problem.error})`;
      return { code: LoadErrorCode.utf8, reason, position: problem.at - start };
    }
    out.length = before;
    const repaired = replaceInvalidUtf8(bytes, start, stop, replacement);
    writeEscaped(out, repaired, 0, repaired.length);
    return undefined;
  }

  /** Cuts at the column's length, but never within a character. */
  private truncate(bytes: Buffer, start: number): number {
    let stop = start + this.maxBytes;
    while (stop > start && ((bytes[stop] as number) & 0xc0) === 0x80) stop--;
    return stop;
  }
}
