import { BACKEND, HEADER_BYTES } from './message-types.js';

/** What becomes of a message of the server: passed on as it is, left out, or replaced. */
export type Passage = 'forward' | 'drop' | Buffer;

/** Decides over the messages the scanner finds. */
export interface ScannerSink {
  /** What becomes of rows now: they are never read, unless the face collects them itself. */
  rows(): 'forward' | 'drop' | 'collect';
  message(type: number, body: Buffer): Passage;
  /** Bytes for the client, in order. */
  output(bytes: Buffer): void;
}

/**
 * Walks over the server's stream by message headers. Runs of messages that pass unchanged go on as slices of the chunk they came
 * in; a row may be larger than a chunk and passes piece by piece.
 */
export class BackendScanner {
  readonly #sink: ScannerSink;
  #carry: Buffer | undefined;
  /** Bytes of the current row still to come. */
  #rowBytes = 0;
  #rowForwarded = false;

  constructor(sink: ScannerSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    const buffer = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = undefined;
    const at = this.#continueRow(buffer);
    const end = this.#scan(buffer, at.position, at.from);
    if (end < buffer.length) this.#carry = buffer.subarray(end);
  }

  #continueRow(buffer: Buffer): { readonly position: number; readonly from: number } {
    const position = Math.min(this.#rowBytes, buffer.length);
    this.#rowBytes -= position;
    return { position, from: this.#rowForwarded ? 0 : position };
  }

  /** `from` is where the run that passes unchanged begins. Returns the end of what was handled. */
  #scan(buffer: Buffer, start: number, runStart: number): number {
    let at = start;
    let from = runStart;
    while (at + HEADER_BYTES <= buffer.length) {
      const type = buffer[at] as number;
      const end = at + 1 + buffer.readInt32BE(at + 1);
      const isRow = type === BACKEND.dataRow || type === BACKEND.copyData;
      const rows = isRow ? this.#sink.rows() : 'collect';
      if (rows !== 'collect') {
        if (rows === 'drop') {
          this.#emit(buffer, from, at);
          from = Math.min(end, buffer.length);
        }
        this.#rowBytes = Math.max(0, end - buffer.length);
        this.#rowForwarded = rows === 'forward';
        at = Math.min(end, buffer.length);
        continue;
      }
      if (end > buffer.length) break;
      const passage = this.#sink.message(type, buffer.subarray(at + HEADER_BYTES, end));
      if (passage !== 'forward') {
        this.#emit(buffer, from, at);
        if (passage !== 'drop') this.#sink.output(passage);
        from = end;
      }
      at = end;
    }
    this.#emit(buffer, from, at);
    return at;
  }

  #emit(buffer: Buffer, from: number, to: number): void {
    if (to > from) this.#sink.output(from === 0 && to === buffer.length ? buffer : buffer.subarray(from, to));
  }
}
