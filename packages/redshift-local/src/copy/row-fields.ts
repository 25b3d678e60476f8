/** What stands in a field of the row being read. */
export const FieldKind = {
  /** The row has no such field. */
  missing: 0,
  null: 1,
  false: 2,
  true: 3,
  /** A JSON number, as it is written in the file. */
  number: 4,
  /** Text, already free of escapes and quotes. */
  text: 5,
  /** A JSON object or array, as it is written in the file. */
  json: 6,
} as const;

/** One value of {@link FieldKind}. */
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind];

const SCRATCH_BYTES = 4096;

/**
 * The fields of one row, one slot a target column: where each value stands in which buffer. Reused from row to row, so that
 * reading a row allocates nothing.
 */
export class RowFields {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly buffers: Buffer[];
  private readonly empty = Buffer.alloc(0);
  private scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  private scratchUsed = 0;

  constructor(readonly count: number) {
    this.kinds = new Uint8Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
    this.buffers = new Array<Buffer>(count).fill(this.empty);
  }

  /** Forgets the row before. */
  reset(): void {
    this.kinds.fill(FieldKind.missing);
    this.scratchUsed = 0;
  }

  set(column: number, kind: FieldKind, buffer: Buffer, start: number, end: number): void {
    this.kinds[column] = kind;
    this.buffers[column] = buffer;
    this.starts[column] = start;
    this.ends[column] = end;
  }

  /**
   * A buffer with room for `size` bytes of decoded text; the first free byte is at `scratchStart`. Values decoded earlier in the
   * row stay where they are, even when the scratch space is replaced by a larger one.
   */
  reserve(size: number): Buffer {
    if (this.scratchUsed + size > this.scratch.length) {
      this.scratch = Buffer.allocUnsafeSlow(Math.max(size, this.scratch.length) * 2);
      this.scratchUsed = 0;
    }
    return this.scratch;
  }

  get scratchStart(): number {
    return this.scratchUsed;
  }

  /** Keeps what was written to the scratch buffer up to `end`. */
  keep(end: number): void {
    this.scratchUsed = end;
  }

  /** The text of a field, for messages. */
  text(column: number): string {
    const buffer = this.buffers[column] ?? this.empty;
    return buffer.toString('utf8', this.starts[column], this.ends[column]);
  }
}
