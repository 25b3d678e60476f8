import type { LoadFault } from './load-fault.js';
import type { RowFields } from './row-fields.js';

/**
 * - `row`: the fields hold the next row.
 * - `fault`: the input is broken here; `fault` says how. Reading goes on behind it.
 * - `starved`: more bytes are needed, or, after `end`, the file is finished.
 */
export type RowEvent = 'row' | 'fault' | 'starved';

/**
 * Turns the bytes of one file into rows, pushed chunk by chunk, pulled row by row. What comes out does not depend on where the
 * chunks are cut. Fields and raw text are valid until the next call.
 */
export interface RowReader {
  readonly fields: RowFields;
  /** Why the last event was `fault`. */
  readonly fault: LoadFault | undefined;
  /** Makes the reader ready for another file. */
  reset(): void;
  push(chunk: Buffer): void;
  /** No more bytes follow in this file. */
  end(): void;
  next(): RowEvent;
  /** 1-based line the current row ends on. */
  line(): number;
  /** The current row as it stands in the file, at most `maxBytes` of it. */
  rawLine(maxBytes: number): string;
}

/** COPY fails on a longer row (DG "COPY": 4 MB). */
export const MAX_ROW_BYTES = 4 * 1024 * 1024;
