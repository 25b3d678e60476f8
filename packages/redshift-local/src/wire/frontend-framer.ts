import { RedshiftError } from '../redshift-error.js';
import { HEADER_BYTES } from './message-types.js';

/** A whole message of a client. */
export interface FrontendMessage {
  readonly type: number;
  readonly body: Buffer;
  /** Type, length and body as they came. */
  readonly bytes: Buffer;
}

/** PostgreSQL's own limit for a message of a client. */
const MAX_MESSAGE_BYTES = 0x3fffffff;

/** Cuts a client's stream into messages. */
export class FrontendFramer {
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;

  /** Bytes that have come and not been taken. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /** The next message, once all of it is here. Throws RedshiftError 08P01 for an impossible length. */
  next(): FrontendMessage | undefined {
    if (this.#bufferedBytes < HEADER_BYTES) return undefined;
    const first = this.#joined(HEADER_BYTES);
    const length = first.readInt32BE(1);
    if (length < 4 || length > MAX_MESSAGE_BYTES) {
      throw new RedshiftError({ sqlState: '08P01', message: 'invalid message length' });
    }
    const total = length + 1;
    if (this.#bufferedBytes < total) return undefined;
    const buffer = this.#joined(total);
    const bytes = buffer.subarray(0, total);
    this.#bufferedBytes -= total;
    this.#chunks[0] = buffer.subarray(total);
    if (this.#chunks[0].length === 0) this.#chunks.shift();
    return { type: bytes[0] ?? 0, body: bytes.subarray(HEADER_BYTES), bytes };
  }

  /** The first chunk, made to hold at least so many bytes. */
  #joined(bytes: number): Buffer {
    const first = this.#chunks[0] as Buffer;
    if (first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
