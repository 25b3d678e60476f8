import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { RedshiftError } from '../redshift-error.js';

/** How often an object is asked for in all. */
const MAX_REQUESTS = 4;
const PAUSE_MS = 100;

/** Where a body comes from. */
export interface S3BodyOptions {
  readonly first: Readable;
  /** Content-Length, when S3 says it. */
  readonly sizeBytes: number | undefined;
  readonly signal: AbortSignal;
  /** Opens the same object again from this byte on. Throws when it has become another one. */
  reopen(from: number): Promise<Readable>;
}

/**
 * The bytes of an object, every one once. When the connection breaks, or ends before the announced length, reading goes on at the
 * byte that is missing; the error that stays is thrown as it came.
 */
export class S3Body implements AsyncIterable<Buffer> {
  readonly #options: S3BodyOptions;
  #current: Readable;

  constructor(options: S3BodyOptions) {
    this.#options = options;
    this.#current = options.first;
    // A body that waits for its turn may break meanwhile: its reader sees it.
    this.#current.on('error', () => undefined);
  }

  /** Drops the connection. */
  destroy(): void {
    this.#current.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { sizeBytes, signal, reopen } = this.#options;
    let received = 0;
    for (let requests = 1; ; requests++) {
      try {
        for await (const chunk of this.#current as AsyncIterable<Buffer>) {
          received += chunk.length;
          yield chunk;
        }
        if (sizeBytes === undefined || received === sizeBytes) return;
        throw new Error(`${received} of ${sizeBytes} bytes came`);
      } catch (error) {
        if (received === sizeBytes) return;
        if (signal.aborted || requests >= MAX_REQUESTS || error instanceof RedshiftError) throw error;
        await delay(PAUSE_MS * requests, undefined, { signal });
        this.#current = await reopen(received);
      }
    }
  }
}
