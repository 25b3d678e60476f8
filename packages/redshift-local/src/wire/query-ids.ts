/** Ids reserved at once: a reservation costs one statement of the server's, ids lost at a crash cost nothing. */
const BLOCK = 20_000;
/** A cluster's first id follows from the seconds since then, so that a snapshot gone back to does not repeat what came after it. */
const EPOCH_MS = Date.UTC(2025, 9, 1);

/** Where reservations of ids outlast the endpoint. */
export interface QueryIdStore {
  /** Reserves `count` ids above both `floor` and all earlier reservations, durably. Returns the last of them. */
  reserve(floor: number, count: number): Promise<number>;
  /** A reservation failed; it is tried again. */
  onError(error: Error): void;
}

/** Ids of statements: strictly rising, over restarts of the endpoint and the server too, whether or not a history holds them. */
export class QueryIds {
  readonly #store: QueryIdStore;
  #last: number;
  #reserved: number;
  #reserving: Promise<void> | undefined;

  private constructor(store: QueryIdStore, reserved: number) {
    this.#store = store;
    this.#last = reserved - BLOCK;
    this.#reserved = reserved;
  }

  /** Continues above every id reserved before and `greatestKnown`. Rejects when nothing can be reserved. */
  static async open(store: QueryIdStore, greatestKnown: number): Promise<QueryIds> {
    const floor = Math.max(greatestKnown, Math.floor((Date.now() - EPOCH_MS) / 1000));
    return new QueryIds(store, await store.reserve(floor, BLOCK));
  }

  next(): number {
    this.#last++;
    if (this.#reserved - this.#last < BLOCK / 2) this.#reserving ??= this.#reserveMore();
    return this.#last;
  }

  /** Resolves when no reservation is under way. */
  async settled(): Promise<void> {
    await this.#reserving;
  }

  async #reserveMore(): Promise<void> {
    try {
      const floor = Math.max(this.#reserved, this.#last);
      this.#reserved = await this.#store.reserve(floor, BLOCK);
    } catch (error) {
      this.#store.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#reserving = undefined;
    }
  }
}
