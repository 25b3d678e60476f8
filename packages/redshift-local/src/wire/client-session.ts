import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RedshiftError } from '../redshift-error.js';
import { BackendLink } from './backend-link.js';
import { ClientFaults } from './client-faults.js';
import { errorResponse } from './error-fields.js';
import { syncing } from './expectation.js';
import { ExtendedQuery } from './extended-query.js';
import { FrontendFramer, type FrontendMessage } from './frontend-framer.js';
import { InternalSession, starting } from './internal-session.js';
import { readCString, TERMINATE_MESSAGE } from './message-encoding.js';
import { FRONTEND } from './message-types.js';
import type { PlanCache } from './prepared-plan.js';
import { QueryRunner, sessionFacts } from './query-runner.js';
import { SessionState } from './session-state.js';
import type { EndpointServices } from './special-statements.js';

/** What a client may send ahead while the face runs a statement itself. */
const READ_AHEAD_BYTES = 1024 * 1024;

/** What a session needs of its endpoint. */
export interface SessionOptions {
  readonly client: Duplex;
  /** The client's connection below TLS. */
  readonly socket: Socket;
  readonly backend: Socket;
  readonly plans: PlanCache;
  readonly services: EndpointServices;
  readonly user: string;
  readonly database: string;
  /** BackendKeyData came: the session can be cancelled. */
  onKey(session: ClientSession, key: Buffer): void;
  onClose(session: ClientSession): void;
  /** Sends a CancelRequest to the server. */
  cancelBackend(key: Buffer): void;
}

/** One client connection after its startup packet. */
export class ClientSession {
  readonly state = new SessionState();
  readonly #options: SessionOptions;
  readonly #client: Duplex;
  readonly #backend: Socket;
  readonly #framer = new FrontendFramer();
  readonly #link: BackendLink;
  readonly #internal: InternalSession;
  readonly #runner: QueryRunner;
  readonly #extended: ExtendedQuery;
  readonly #faults: ClientFaults | undefined;
  #key: Buffer | undefined;
  #busy = false;
  #started = false;
  #closed = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#backend = options.backend;
    this.state.user = options.user;
    this.state.database = options.database;
    this.#link = new BackendLink(options.backend, {
      write: (bytes) => this.#write(bytes),
      key: (body) => this.#setKey(body),
    });
    this.#internal = new InternalSession(this.#link, options.backend, this.state);
    this.#runner = new QueryRunner({
      link: this.#link,
      session: this.#internal,
      state: this.state,
      services: options.services,
      plans: options.plans,
      write: (bytes) => this.#write(bytes),
    });
    this.#extended = new ExtendedQuery({
      link: this.#link,
      state: this.state,
      log: options.services.log,
      plan: (text) => this.#runner.plan(text),
      facts: (plan) => sessionFacts(plan, this.state),
    });
    this.#faults = ClientFaults.of({
      socket: options.socket,
      state: this.state,
      services: options.services,
      link: this.#link,
      internal: this.#internal,
      runner: this.#runner,
      extended: this.#extended,
      isClosed: () => this.#closed,
      clientGone: () => this.#clientGone(),
    });
    this.#connectEvents();
  }

  /** Sends the startup message and relays from there on; `head` is what the client has sent after its packet. */
  start(startup: Buffer, head: Buffer): void {
    this.#link.send(startup, [
      starting(() => {
        this.#started = true;
        queueMicrotask(() => this.#pump());
      }),
    ]);
    if (head.length > 0) this.#receive(head);
  }

  /** Ends the running statement, as CancelRequest asks. */
  cancel(): void {
    this.#internal.abort(new Error("cancelled on user's request"));
    if (this.#key !== undefined) this.#options.cancelBackend(this.#key);
  }

  /** Ends a load that the server itself has nothing to cancel of. */
  cancelLoad(): void {
    if (this.#busy) this.#internal.abort(new Error("cancelled on user's request"));
  }

  /** Resolves when no statement of the face's own is under way, with what it writes at its end. */
  get finished(): Promise<void> {
    return this.#work;
  }

  /** Closes both sides. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#internal.abort(new Error('the client is gone'));
    this.#endBackend();
    this.#client.destroy();
    this.#options.onClose(this);
  }

  /** The server ends the session as it would for any client that is gone. */
  #endBackend(): void {
    // A server that waits for its reader, or is not reading itself, learns of it only by the connection's end.
    if (this.#backend.isPaused() || this.#backend.writableNeedDrain) this.#backend.destroy();
    else if (!this.#backend.destroyed) {
      this.#backend.end(TERMINATE_MESSAGE);
      this.#backend.destroySoon();
    }
  }

  #connectEvents(): void {
    this.#client.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#client.on('end', () => this.#clientGone());
    this.#client.on('close', () => this.#clientGone());
    this.#client.on('error', () => this.#clientGone());
    this.#client.on('drain', () => this.#link.resume());
    this.#backend.on('drain', () => this.#client.resume());
    this.#backend.on('error', (error) => this.#fatal(this.#lastWords ?? connectionLost(error)));
    this.#backend.on('close', () => this.#backendGone());
  }

  /**
   * The connection ended without the good-bye of the protocol: what the client was waiting for is ended as well, for the server hears
   * of the end only when it reads again.
   */
  #clientGone(): void {
    if (this.#faults?.orphaned === true || this.#closed) return;
    if (this.#key !== undefined && this.#link.waiting) this.#options.cancelBackend(this.#key);
    this.close();
  }

  get #lastWords(): RedshiftError | undefined {
    return this.#faults?.lastWords ?? this.#internal.fatal;
  }

  /** What the server said last goes out before the client's connection ends. */
  #backendGone(): void {
    // A load that waits for S3 would notice only with the next bytes.
    this.#internal.abort(this.#internal.fatal ?? new Error('the session was terminated'));
    if (this.#closed) return;
    if (this.#faults?.orphaned === true) {
      this.close();
      return;
    }
    const fatal = this.#lastWords;
    const closed = (): void => this.close();
    if (fatal === undefined) this.#client.end(closed);
    else this.#client.end(errorResponse(fatal, 'FATAL'), closed);
  }

  #setKey(body: Buffer): void {
    this.#key = body;
    this.state.processId = body.readInt32BE(0);
    this.#options.onKey(this, body);
  }

  #write(bytes: Buffer): boolean {
    return this.#client.writable && this.#faults?.muted !== true ? this.#client.write(bytes) : true;
  }

  #receive(chunk: Buffer): void {
    this.#framer.push(chunk);
    if (this.#busy && this.#framer.bufferedBytes > READ_AHEAD_BYTES) this.#client.pause();
    this.#pump();
  }

  #pump(): void {
    if (this.#busy || this.#closed) return;
    this.#link.beginBatch();
    try {
      for (let next = this.#framer.next(); next !== undefined; next = this.#framer.next()) {
        const pending = this.#handle(next);
        if (pending === undefined) continue;
        this.#wait(pending);
        break;
      }
    } catch (error) {
      this.#fatal(error);
    } finally {
      this.#link.endBatch();
    }
    if (this.#backend.writableNeedDrain) this.#client.pause();
  }

  #wait(pending: Promise<void>): void {
    this.#busy = true;
    this.#work = pending.then(
      () => {
        this.#busy = false;
        this.#client.resume();
        this.#pump();
      },
      (error: unknown) => this.#fatal(error),
    );
  }

  #fatal(error: unknown): void {
    if (this.#closed) return;
    const known = error instanceof RedshiftError;
    const message = error instanceof Error ? error.message : String(error);
    if (!known) this.#options.services.write(`session ${this.state.processId}: ${message}`);
    const shown = known
      ? error
      : new RedshiftError({ sqlState: 'XX000', message: `redshift-local failed: ${message}` });
    this.#client.end(errorResponse(shown, 'FATAL'), () => this.close());
  }

  #send(message: FrontendMessage): void {
    if (!this.#link.send(message.bytes, [])) this.#client.pause();
  }

  #handle(message: FrontendMessage): Promise<void> | undefined {
    if (message.type === FRONTEND.terminate) {
      this.close();
      return undefined;
    }
    if (message.type === FRONTEND.password && !this.#started) {
      this.#send(message);
      return undefined;
    }
    if (message.type === FRONTEND.sync) {
      if (!this.#link.send(message.bytes, [syncing()])) this.#client.pause();
      return this.#faults?.synced();
    }
    if (this.#link.skipping) return undefined;
    return this.#faults?.meet(message, () => this.#proceed(message)) ?? this.#proceed(message);
  }

  #proceed(message: FrontendMessage): Promise<void> | undefined {
    return message.type === FRONTEND.query ? this.#simpleQuery(message) : this.#extendedMessage(message);
  }

  #extendedMessage(message: FrontendMessage): Promise<void> | undefined {
    if (message.type === FRONTEND.flush) {
      this.#send(message);
      return undefined;
    }
    const action = this.#extended.handle(message);
    if (action.kind === 'sent') {
      if (action.full) this.#client.pause();
      return undefined;
    }
    if (action.kind === 'write-history') {
      return this.#runner.writeHistory().then(() => {
        // An error before it may have come meanwhile.
        if (!this.#link.skipping) this.#extended.execute(message);
      });
    }
    return this.#runner.executeSpecial(action.plan, action.text);
  }

  #simpleQuery(message: FrontendMessage): Promise<void> | undefined {
    const pending = this.#runner.query(readCString(message.body, 0).text);
    if (this.#backend.writableNeedDrain) this.#client.pause();
    return pending;
  }
}

function connectionLost(cause: Error): RedshiftError {
  return new RedshiftError({
    sqlState: '08006',
    message: `connection to the database server failed: ${cause.message}`,
    cause,
  });
}
