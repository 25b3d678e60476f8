const CHUNK_BYTES = 64 * 1024;
const SPARE_BYTES = 16 * 1024;

/** Rows in PostgreSQL's COPY text form, gathered into chunks. Writers put bytes at `length` of `bytes` and move it on. */
export class CopyTextBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SPARE_BYTES);
  length = 0;

  /** Makes room for `size` more bytes. */
  ensure(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.length + size) * 2);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  get full(): boolean {
    return this.length >= CHUNK_BYTES;
  }

  /** Appends text of one-byte characters. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
  }

  /** Hands over what was gathered and starts anew; the receiver may keep the chunk. */
  take(): Buffer {
    const chunk = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES + SPARE_BYTES);
    this.length = 0;
    return chunk;
  }
}
