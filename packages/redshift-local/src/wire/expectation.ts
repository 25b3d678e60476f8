import type { Passage } from './backend-scanner.js';
import type { ResponseFields } from './error-fields.js';
import { BACKEND, type TransactionStatus } from './message-types.js';

/** The answer the face waits for after a message it sent to the server. */
export interface Expectation {
  /** Message types that complete it. */
  readonly until: readonly number[];
  /** ReadyForQuery ends it. */
  readonly endsAtReady: boolean;
  /** A Sync: after an error in the extended protocol the server skips everything up to one. */
  readonly isSync?: true;
  /** What becomes of rows. */
  readonly rows: 'forward' | 'drop' | 'collect';
  /** A message of the answer, other than errors and notices. */
  message(type: number, body: Buffer): Passage;
  /** An error; the fields have been translated. `undefined` leaves the client without it. */
  error(fields: ResponseFields): ResponseFields | undefined;
  /** A notice. */
  notice(fields: ResponseFields): ResponseFields | undefined;
  /** The server's connection is gone, or it skipped this message after an earlier error, `cause`. */
  abandoned(cause?: ResponseFields): void;
  /** ReadyForQuery came. */
  ready?(status: TransactionStatus): Passage;
}

const pass = (): Passage => 'forward';
const keep = (fields: ResponseFields): ResponseFields => fields;
const nothing = (): void => {};

/** A message of the client whose answer passes as it is. */
export function passing(until: readonly number[]): Expectation {
  return { until, endsAtReady: false, rows: 'forward', message: pass, error: keep, notice: keep, abandoned: nothing };
}

export const PARSE_ENDS = [BACKEND.parseComplete] as const;
export const BIND_ENDS = [BACKEND.bindComplete] as const;
export const CLOSE_ENDS = [BACKEND.closeComplete] as const;
export const DESCRIBE_ENDS = [BACKEND.rowDescription, BACKEND.noData] as const;
export const EXECUTE_ENDS = [BACKEND.commandComplete, BACKEND.emptyQueryResponse, BACKEND.portalSuspended] as const;

/** One message of a statement that the client does not know of. */
export function hidden(until: readonly number[], onEnd: () => Passage = () => 'drop'): Expectation {
  return {
    ...passing(until),
    rows: 'drop',
    message: (type) => (until.includes(type) ? onEnd() : 'drop'),
    notice: () => undefined,
  };
}

/** A Sync of the client. */
export function syncing(): Expectation {
  return { ...passing([BACKEND.readyForQuery]), endsAtReady: true, isSync: true };
}
