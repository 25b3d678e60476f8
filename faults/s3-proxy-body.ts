import { Transform, type TransformCallback } from 'node:stream';

/** Time between two portions of a slowed body. */
const PORTION_MS = 50;

/** Passes bytes at a rate, in portions, so that no more than one chunk is held. */
export class SlowBody extends Transform {
  readonly #bytesPerSecond: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(bytesPerSecond: number) {
    super();
    this.#bytesPerSecond = bytesPerSecond;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const portion = Math.max(1, Math.round((this.#bytesPerSecond * PORTION_MS) / 1000));
    const pause = Math.max(PORTION_MS, 1000 / this.#bytesPerSecond);
    let at = 0;
    const step = (): void => {
      this.push(chunk.subarray(at, at + portion));
      at += portion;
      if (at < chunk.length) this.#timer = setTimeout(step, pause);
      else this.#timer = setTimeout(done, pause);
    };
    step();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    done(error);
  }
}

/** Passes `bytes` bytes and then calls `cut`; of a body that is shorter the last byte is never passed. */
export class CutBody extends Transform {
  readonly #cut: () => void;
  #left: number;
  #held: Buffer | undefined;

  constructor(bytes: number, cut: () => void) {
    super();
    this.#left = bytes;
    this.#cut = cut;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#held !== undefined) this.push(this.#held);
    this.#held = undefined;
    if (chunk.length > this.#left) {
      this.push(chunk.subarray(0, this.#left));
      this.#left = 0;
      // What has been pushed goes out first.
      setImmediate(this.#cut);
      return;
    }
    this.#left -= chunk.length;
    this.push(chunk.subarray(0, -1));
    this.#held = chunk.subarray(-1);
    done();
  }

  override _flush(): void {
    // No end either: the body was not empty, or is empty and its head was all there is.
    setImmediate(this.#cut);
  }
}
