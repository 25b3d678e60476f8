import type { Socket } from 'node:net';
import type { BackendResult, BackendSession } from '../backend-session.js';
import { RedshiftError } from '../redshift-error.js';
import type { BackendLink } from './backend-link.js';
import { FIELD, type ResponseFields, toRedshiftError } from './error-fields.js';
import { type Expectation, passing } from './expectation.js';
import { COPY_DONE_MESSAGE, copyDataHeader, copyFailMessage, queryMessage, readCString } from './message-encoding.js';
import { BACKEND } from './message-types.js';
import type { SessionState } from './session-state.js';

const CONNECTION_FAILURE = '08006';

/** Statements the face runs on a client's own connection to the server. */
export class InternalSession implements BackendSession {
  readonly #link: BackendLink;
  readonly #socket: Socket;
  readonly #state: SessionState;
  #abort = new AbortController();
  /** Why the server ended the session in the midst of one of these statements. */
  fatal: RedshiftError | undefined;

  constructor(link: BackendLink, socket: Socket, state: SessionState) {
    this.#link = link;
    this.#socket = socket;
    this.#state = state;
  }

  get processId(): number {
    return this.#state.processId;
  }

  get user(): string {
    return this.#state.user;
  }

  get database(): string {
    return this.#state.database;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Makes the signal fresh for the next statement. */
  renewSignal(): void {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
  }

  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  query(sql: string): Promise<BackendResult> {
    return new Promise((resolve, reject) => {
      this.#link.send(queryMessage(sql), [this.#answer({ resolve, reject })]);
    });
  }

  async copyIn(sql: string, chunks: AsyncIterable<Buffer>): Promise<number> {
    const answer = this.#answer();
    this.#link.send(queryMessage(sql), [answer]);
    await answer.copyStarted;
    try {
      for await (const chunk of chunks) {
        if (answer.isOver) break;
        await this.#sendChunk(chunk);
      }
    } catch (error) {
      this.#socket.write(copyFailMessage('the source of the load failed'));
      // The server's own error only repeats that the COPY was ended.
      await answer.result.catch(() => undefined);
      throw error;
    }
    if (!answer.isOver) this.#socket.write(COPY_DONE_MESSAGE);
    const { commandTag } = await answer.result;
    return Number(/(\d+)$/.exec(commandTag)?.[1] ?? 0);
  }

  #answer(promise?: AnswerPromise): CollectedAnswer {
    return new CollectedAnswer((error) => {
      this.fatal = error;
    }, promise);
  }

  async #sendChunk(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    this.#socket.cork();
    this.#socket.write(copyDataHeader(chunk.length));
    const ready = this.#socket.write(chunk);
    this.#socket.uncork();
    if (!ready && !this.#socket.destroyed) await drained(this.#socket);
  }
}

/** Resolves when the socket takes more, or never will. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

interface AnswerPromise {
  resolve(result: BackendResult): void;
  reject(error: RedshiftError): void;
}

/** The answer to one internal Query message: its last result, or its first error. */
class CollectedAnswer implements Expectation {
  readonly until = [BACKEND.readyForQuery];
  readonly endsAtReady = true;
  readonly rows = 'collect';
  readonly result: Promise<BackendResult>;
  /** Resolves when the server takes CopyData, or will not. */
  readonly copyStarted: Promise<void>;
  isOver = false;
  #resolve!: (result: BackendResult) => void;
  #reject!: (error: RedshiftError) => void;
  #start!: () => void;
  #columns: string[] = [];
  #rowValues: (string | null)[][] = [];
  #tag = '';
  #error: RedshiftError | undefined;

  constructor(
    private readonly onFatal: (error: RedshiftError) => void,
    promise?: AnswerPromise,
  ) {
    this.copyStarted = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.result = new Promise((resolve, reject) => {
      this.#resolve = promise?.resolve ?? resolve;
      this.#reject = promise?.reject ?? reject;
    });
    // A COPY looks at its result only once it has sent everything.
    this.result.catch(() => undefined);
  }

  message(type: number, body: Buffer): 'drop' {
    if (type === BACKEND.rowDescription) {
      this.#columns = columnNames(body);
      this.#rowValues = [];
    } else if (type === BACKEND.dataRow) this.#rowValues.push(rowValues(body));
    else if (type === BACKEND.commandComplete) this.#tag = readCString(body, 0).text;
    else if (type === BACKEND.copyInResponse) this.#start();
    return 'drop';
  }

  error(fields: ResponseFields): undefined {
    this.#error ??= toRedshiftError(fields);
    if (fields.get(FIELD.severityPlain) === 'FATAL') this.onFatal(this.#error);
    this.isOver = true;
    this.#start();
  }

  notice(): undefined {}

  ready(): 'drop' {
    this.isOver = true;
    this.#start();
    if (this.#error !== undefined) this.#reject(this.#error);
    else this.#resolve({ columns: this.#columns, rows: this.#rowValues, commandTag: this.#tag });
    return 'drop';
  }

  abandoned(): void {
    this.isOver = true;
    this.#start();
    this.#reject(
      this.#error ??
        new RedshiftError({ sqlState: CONNECTION_FAILURE, message: 'The connection to the database was lost.' }),
    );
  }
}

function columnNames(body: Buffer): string[] {
  const names: string[] = [];
  let at = 2;
  for (let count = body.readInt16BE(0); count > 0; count--) {
    const { text, end } = readCString(body, at);
    names.push(text);
    at = end + 18;
  }
  return names;
}

function rowValues(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let count = body.readInt16BE(0); count > 0; count--) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return values;
}

/** Expectation of the server's greeting: authentication, parameters, key, and the first ReadyForQuery. */
export function starting(onReady: () => void): Expectation {
  return {
    ...passing([BACKEND.readyForQuery]),
    endsAtReady: true,
    ready: () => {
      onReady();
      return 'forward';
    },
  };
}
