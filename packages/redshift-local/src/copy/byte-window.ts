const LINE_FEED = 0x0a;
/** Room for a chunk from S3 and the row that it cuts. */
const INITIAL_BYTES = 128 * 1024;
const EMPTY = Buffer.alloc(0);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED, from); at >= 0 && at < to; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/**
 * The unread bytes of a file as one piece that grows chunk by chunk. They stand in storage that is used again and again, so
 * `bytes` is valid only until more are pushed.
 */
export class ByteWindow {
  bytes: Buffer = EMPTY;
  /** Offset of the first unread byte. */
  position = 0;
  ended = false;
  private storage = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private wanted = 0;
  private linesBefore = 0;
  private started = false;
  private headerLines = 0;

  /** @param headerLines lines to skip at the start of the file (IGNOREHEADER). */
  reset(headerLines: number): void {
    this.bytes = EMPTY;
    this.position = 0;
    this.ended = false;
    this.waiting = [];
    this.waitingBytes = 0;
    this.wanted = 0;
    this.linesBefore = 0;
    this.started = false;
    this.headerLines = headerLines;
  }

  push(chunk: Buffer): void {
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    // A row that is still incomplete is only tried again when twice as much is there, so that long rows cost linear time.
    if (this.bytes.length - this.position + this.waitingBytes >= this.wanted) this.join();
  }

  end(): void {
    this.ended = true;
    this.join();
    this.skipStart();
  }

  /** The reader could not finish a row with the bytes at hand. */
  starve(): void {
    this.wanted = (this.bytes.length - this.position) * 2;
  }

  /** 1-based number of the line that the byte at `offset` stands on. */
  lineAt(offset: number): number {
    return this.linesBefore + countLines(this.bytes, 0, Math.min(offset, this.bytes.length)) + 1;
  }

  private join(): void {
    this.wanted = 0;
    if (this.waiting.length === 0) return;
    this.linesBefore += countLines(this.bytes, 0, this.position);
    const rest = this.bytes.subarray(this.position);
    const length = rest.length + this.waitingBytes;
    const target = length <= this.storage.length ? this.storage : Buffer.allocUnsafeSlow(length * 2);
    // `copy` deals with a source that overlaps its target.
    let end = rest.copy(target);
    for (const chunk of this.waiting) end += chunk.copy(target, end);
    this.storage = target;
    this.bytes = target.subarray(0, length);
    this.position = 0;
    this.waiting = [];
    this.waitingBytes = 0;
    this.skipStart();
  }

  /** Skips the byte order mark and the header lines, which may still be on their way. */
  private skipStart(): void {
    if (!this.started) {
      if (this.bytes.length < BYTE_ORDER_MARK.length && !this.ended) return;
      this.started = true;
      if (this.bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
        this.position = BYTE_ORDER_MARK.length;
    }
    while (this.headerLines > 0) {
      const feed = this.bytes.indexOf(LINE_FEED, this.position);
      if (feed < 0) {
        this.position = this.bytes.length;
        return;
      }
      this.position = feed + 1;
      this.headerLines--;
    }
  }

  /** Whether the start of the file has been dealt with and rows may be read. */
  get ready(): boolean {
    return this.started && (this.headerLines === 0 || this.ended);
  }
}
