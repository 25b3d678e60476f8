import type { ConversionOptions } from './conversion-options.js';
import type { CopyTextBuffer } from './copy-text-buffer.js';
import { type LoadFault, MISSING_NOT_NULL } from './load-fault.js';
import { FieldKind, type RowFields } from './row-fields.js';
import type { LoadColumn } from './target-column.js';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;
const CAPITAL_N = 0x4e;
/** Room a codec may take beyond twice the length of its value. */
const FIELD_SPARE_BYTES = 128;

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return false;
  }
  return true;
}

/** Validates rows against the column types and appends them to a {@link CopyTextBuffer}. */
export class RowEncoder {
  constructor(
    private readonly columns: readonly LoadColumn[],
    private readonly options: Pick<ConversionOptions, 'emptyAsNull' | 'blanksAsNull'>,
  ) {}

  /** Appends the row, or returns why it is rejected and leaves `out` as it was. */
  encode(fields: RowFields, out: CopyTextBuffer): LoadFault | undefined {
    const rowStart = out.length;
    const count = this.columns.length;
    for (let index = 0; index < count; index++) {
      const fault = this.field(index, fields, out);
      if (fault !== undefined) {
        out.length = rowStart;
        return { ...fault, column: index };
      }
      out.bytes[out.length++] = index + 1 < count ? TAB : LINE_FEED;
    }
    return undefined;
  }

  private field(index: number, fields: RowFields, out: CopyTextBuffer): LoadFault | undefined {
    const column = this.columns[index] as LoadColumn;
    const kind = fields.kinds[index] as FieldKind;
    const bytes = fields.buffers[index] as Buffer;
    const start = fields.starts[index] as number;
    const end = fields.ends[index] as number;
    out.ensure((end - start) * 2 + FIELD_SPARE_BYTES);
    if (kind <= FieldKind.null || (kind === FieldKind.text && this.loadsNull(bytes, start, end))) {
      return this.writeNull(column, out);
    }
    const before = out.length;
    const fault = column.codec.write(out, bytes, start, end, kind);
    if (fault !== null) return fault;
    out.length = before;
    return this.writeNull(column, out);
  }

  /**
   * EMPTYASNULL and BLANKSASNULL, for every type. Without them an empty string is a value, which number and date columns reject.
   * (Unsure: the Developer Guide says of JSON that an empty string loads into such columns as NULL in any case.)
   */
  private loadsNull(bytes: Buffer, start: number, end: number): boolean {
    if (start === end) return this.options.emptyAsNull;
    return this.options.blanksAsNull && isBlank(bytes, start, end);
  }

  private writeNull(column: LoadColumn, out: CopyTextBuffer): LoadFault | undefined {
    if (column.notNull) return MISSING_NOT_NULL;
    out.bytes[out.length++] = BACKSLASH;
    out.bytes[out.length++] = CAPITAL_N;
    return undefined;
  }
}
