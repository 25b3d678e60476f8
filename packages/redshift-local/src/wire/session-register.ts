import { timingSafeEqual } from 'node:crypto';
import type { ClientSession } from './client-session.js';

/** Bytes of BackendKeyData before the secret: the process id. */
const PROCESS_ID_BYTES = 4;

/** The sessions of an endpoint. */
export class SessionRegister {
  readonly #open = new Set<ClientSession>();
  /** By the process id of their server connection, which a CancelRequest names. */
  readonly #keyed = new Map<number, { readonly session: ClientSession; readonly key: Buffer }>();
  /** What closed sessions have still to write. */
  readonly #endings = new Set<Promise<void>>();

  add(session: ClientSession): void {
    this.#open.add(session);
  }

  /** The session has its key and can be cancelled. */
  started(session: ClientSession, key: Buffer): void {
    this.#keyed.set(session.state.processId, { session, key });
  }

  /** The session is closed. `left` is called with its database, once its work there is done, if nobody else is in it. */
  ended(session: ClientSession, left: (database: string) => Promise<void>): void {
    const { processId, database } = session.state;
    if (this.#keyed.get(processId)?.session === session) this.#keyed.delete(processId);
    const ending = session.finished.then(async () => {
      this.#open.delete(session);
      if ([...this.#open].every((other) => other.state.database !== database)) await left(database);
    });
    this.#endings.add(ending);
    ending.finally(() => this.#endings.delete(ending));
  }

  byProcess(processId: number): ClientSession | undefined {
    return this.#keyed.get(processId)?.session;
  }

  /** The session that the key of a CancelRequest belongs to. */
  byKey(key: Buffer): ClientSession | undefined {
    const known = key.length > PROCESS_ID_BYTES ? this.#keyed.get(key.readInt32BE(0)) : undefined;
    return known !== undefined && known.key.length === key.length && timingSafeEqual(known.key, key)
      ? known.session
      : undefined;
  }

  /** Closes all sessions and waits for what they still do. False when that takes longer than `withinMs`. */
  async close(withinMs: number): Promise<boolean> {
    for (const session of [...this.#open]) session.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
    });
    const done = Promise.all(this.#endings).then(() => true);
    return await Promise.race([done, late]).finally(() => clearTimeout(timer));
  }
}
