import { condition } from '@temporalio/workflow';

/** How many steps of a run work at the same time; more waits. A parked step holds no lane. */
export const MAX_LANES = 16;

/** Bounded parallelism. */
export class Lanes {
  #free: number;

  constructor(lanes: number = MAX_LANES) {
    this.#free = lanes;
  }

  /** Resolves when a lane is free and taken; the caller gives it back with the returned function. */
  async enter(): Promise<() => void> {
    // Several waiters may be woken by one free lane: each looks again.
    while (this.#free === 0) await condition(() => this.#free > 0);
    this.#free -= 1;
    return () => {
      this.#free += 1;
    };
  }
}
