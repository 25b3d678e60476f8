import type { Session } from './session.js';

/** Sessions by the time of their next event; the older session first where two are equal. A binary heap. */
export class SessionQueue {
  private readonly heap: Session[] = [];

  /** Time of the earliest event; undefined when the queue is empty. */
  firstTs(): number | undefined {
    return this.heap[0]?.ts;
  }

  add(session: Session): void {
    let index = this.heap.push(session) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.heap[parent] as Session;
      if (!isBefore(session, above)) break;
      this.heap[index] = above;
      index = parent;
    }
    this.heap[index] = session;
  }

  /** Removes the session with the earliest event. Only when firstTs() is not undefined. */
  take(): Session {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined) throw new Error('The queue of sessions is empty.');
    if (this.heap.length > 0) this.sink(last);
    return first;
  }

  private sink(session: Session): void {
    const { heap } = this;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Session)) child += 1;
      const below = heap[child] as Session;
      if (!isBefore(below, session)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = session;
  }
}

function isBefore(a: Session, b: Session): boolean {
  return a.ts < b.ts || (a.ts === b.ts && a.sessionId < b.sessionId);
}
