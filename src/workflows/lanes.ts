import { condition } from '@temporalio/workflow';

/** How many steps of a run work at the same time; more waits. A parked step holds no lane. */
export const MAX_LANES = 16;

/** What besides a free lane a step needs to begin. */
export interface Admission {
  admits(): boolean;
  /** Called in the moment in which the lane is taken. */
  begin(): void;
}

/** Bounded parallelism. */
export class Lanes {
  #free: number;

  constructor(lanes: number = MAX_LANES) {
    this.#free = lanes;
  }

  /** Resolves when a lane is free, admitted to and taken; the caller gives it back with the returned function. */
  async enter(admission: Admission): Promise<() => void> {
    const open = () => this.#free > 0 && admission.admits();
    // Several waiters may be woken by one free lane: each looks again.
    while (!open()) await condition(open);
    this.#free -= 1;
    admission.begin();
    return () => {
      this.#free += 1;
    };
  }
}
