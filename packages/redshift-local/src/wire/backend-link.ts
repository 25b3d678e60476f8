import type { Socket } from 'node:net';
import { BackendScanner, type Passage } from './backend-scanner.js';
import { decodeFields, encodeFields, type ResponseFields } from './error-fields.js';
import { translateError } from './error-translation.js';
import type { Expectation } from './expectation.js';
import { FLUSH_MESSAGE, parameterStatus, readCString } from './message-encoding.js';
import { BACKEND, type TransactionStatus } from './message-types.js';
import { reportedParameter } from './reported-parameters.js';

/** Where the link's output goes. */
export interface LinkOutput {
  /** Bytes for the client; false when it should wait for `resume`. */
  write(bytes: Buffer): boolean;
  /** BackendKeyData. */
  key(body: Buffer): void;
}

/**
 * The server's side of one client connection: matches what comes from PostgreSQL with what was sent, in order, and passes on what
 * the client is to see.
 */
export class BackendLink {
  readonly #socket: Socket;
  readonly #output: LinkOutput;
  readonly #queue: Expectation[] = [];
  readonly #settledWaiters: (() => void)[] = [];
  #pending: Buffer[] = [];
  #batch: Buffer[] | undefined;
  #flushed = true;
  /** State of the transaction as of the last ReadyForQuery. */
  status: TransactionStatus = 'I';
  /** After an error in the extended protocol everything up to Sync is skipped: the next one to be sent, when none is on its way. */
  skipping = false;
  /** How many messages have been sent that end in a ReadyForQuery, and with it a transaction that is no block. */
  readyRequests = 0;

  constructor(socket: Socket, output: LinkOutput) {
    this.#socket = socket;
    this.#output = output;
    const scanner = new BackendScanner({
      rows: () => this.#queue[0]?.rows ?? 'forward',
      message: (type, body) => this.#message(type, body),
      output: (bytes) => this.#pending.push(bytes),
    });
    socket.on('data', (chunk: Buffer) => {
      scanner.push(chunk);
      this.#release();
    });
    socket.on('close', () => this.#abandon());
  }

  /** Sends bytes, with the answers to expect. Returns false when the socket's buffer is full. */
  send(bytes: Buffer, expectations: readonly Expectation[]): boolean {
    if (this.#socket.closed) {
      for (const expectation of expectations) expectation.abandoned();
      return true;
    }
    for (const expectation of expectations) this.#enqueue(expectation);
    this.#flushed = expectations.some((expectation) => expectation.endsAtReady);
    return this.#write(bytes);
  }

  /** Holds what is sent from here on back, to leave in one piece: a pipeline of messages costs one system call. */
  beginBatch(): void {
    this.#batch ??= [];
  }

  endBatch(): void {
    const batch = this.#batch ?? [];
    this.#batch = undefined;
    if (batch.length > 0) this.#socket.write(batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch));
  }

  /** Whether something sent has not been answered yet. */
  get waiting(): boolean {
    return this.#queue.length > 0;
  }

  /** Resolves when everything sent has been answered. */
  async settled(): Promise<void> {
    if (this.#queue.length === 0) return;
    if (!this.#flushed) this.#write(FLUSH_MESSAGE);
    this.#flushed = true;
    await new Promise<void>((resolve) => this.#settledWaiters.push(resolve));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #enqueue(expectation: Expectation): void {
    this.#queue.push(expectation);
    if (expectation.endsAtReady) this.readyRequests++;
    // What is sent from here on stands behind the Sync, whether or not the server has come to it.
    if (expectation.isSync === true) this.skipping = false;
  }

  #write(bytes: Buffer): boolean {
    if (this.#batch === undefined) return this.#socket.write(bytes);
    this.#batch.push(bytes);
    return !this.#socket.writableNeedDrain;
  }

  #release(): void {
    const pending = this.#pending;
    if (pending.length > 0) {
      this.#pending = [];
      const bytes = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending);
      if (!this.#output.write(bytes)) this.pause();
    }
    if (this.#queue.length === 0) for (const waiter of this.#settledWaiters.splice(0)) waiter();
  }

  #message(type: number, body: Buffer): Passage {
    switch (type) {
      case BACKEND.errorResponse:
        return this.#error(body);
      case BACKEND.noticeResponse:
        return this.#notice(body);
      case BACKEND.parameterStatus:
        return this.#parameter(body);
      case BACKEND.notificationResponse:
        return 'forward';
      case BACKEND.backendKeyData:
        this.#output.key(Buffer.from(body));
        return 'forward';
      case BACKEND.readyForQuery:
        return this.#ready(body);
      default:
        return this.#answer(type, body);
    }
  }

  #answer(type: number, body: Buffer): Passage {
    const head = this.#queue[0];
    if (head === undefined) return 'forward';
    if (!head.endsAtReady && head.until.includes(type)) this.#queue.shift();
    return head.message(type, body);
  }

  #ready(body: Buffer): Passage {
    this.status = String.fromCharCode(body[0] ?? 0) as TransactionStatus;
    const head = this.#queue.shift();
    return head?.ready?.(this.status) ?? 'forward';
  }

  #error(body: Buffer): Passage {
    const fields = decodeFields(body);
    translateError(fields);
    const head = this.#queue[0];
    const shown = head === undefined ? fields : head.error(fields);
    if (head !== undefined && !head.endsAtReady) this.#skipToSync(fields);
    return shown === undefined ? 'drop' : encodeFields(BACKEND.errorResponse, shown);
  }

  #skipToSync(cause: ResponseFields): void {
    this.#queue.shift();
    while (this.#queue.length > 0 && this.#queue[0]?.isSync !== true) this.#queue.shift()?.abandoned(cause);
    if (this.#queue.length === 0) this.skipping = true;
  }

  #notice(body: Buffer): Passage {
    const fields: ResponseFields = decodeFields(body);
    const head = this.#queue[0];
    const shown = head === undefined ? fields : head.notice(fields);
    return shown === undefined ? 'drop' : encodeFields(BACKEND.noticeResponse, shown);
  }

  #parameter(body: Buffer): Passage {
    const name = readCString(body, 0);
    const value = readCString(body, name.end).text;
    const shown = reportedParameter(name.text, value);
    return shown === undefined ? 'drop' : shown === value ? 'forward' : parameterStatus(name.text, shown);
  }

  #abandon(): void {
    for (const expectation of this.#queue.splice(0)) expectation.abandoned();
    for (const waiter of this.#settledWaiters.splice(0)) waiter();
  }
}
