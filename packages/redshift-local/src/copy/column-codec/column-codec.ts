import type { CopyTextBuffer } from '../copy-text-buffer.js';
import type { LoadFault } from '../load-fault.js';
import type { FieldKind } from '../row-fields.js';

/**
 * Converts the values of one column type into PostgreSQL's COPY text form, refusing what Redshift refuses.
 * The caller has made room in `out` for twice the value plus 128 bytes, and deals with NULL and missing values itself.
 */
export interface ColumnCodec {
  /** The type as stl_load_errors.type shows it. */
  readonly typeName: string;
  /** stl_load_errors.col_length. */
  readonly length: string;
  /** Whether values are text, so that EMPTYASNULL and BLANKSASNULL apply to them as documented. */
  readonly isText: boolean;
  /**
   * Appends the value between `start` and `end` of `bytes`. Returns undefined when it was written, `null` when NULL is to be loaded
   * in its place, else the fault; then what was appended is dropped with the row.
   */
  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number, kind: FieldKind): LoadFault | null | undefined;
}
