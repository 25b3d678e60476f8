import {
  BACKEND,
  FRONTEND,
  HEADER_BYTES,
  LENGTH_BYTES,
  PROTOCOL_VERSION,
  REQUEST,
  type TransactionStatus,
} from './message-types.js';

/** Name of the prepared statement and portal of statements that the face adds to a client's. */
const HIDDEN_NAME = '_redshift_local';
const CLOSE_HIDDEN = Buffer.concat(['S', 'P'].map((kind) => message(FRONTEND.close, Buffer.from(kind), HIDDEN_NAME)));

/** A message: type, length, body. */
export function message(type: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const bodies = parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part));
  const length = bodies.reduce((sum, body) => sum + body.length, LENGTH_BYTES);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = type;
  header.writeInt32BE(length, 1);
  return Buffer.concat([header, ...bodies], length + 1);
}

export function queryMessage(sql: string): Buffer {
  return message(FRONTEND.query, sql);
}

/** Parse with the client's own tail: the parameter types it declared. */
export function parseMessage(name: string, sql: string, parameterTypes: Buffer): Buffer {
  return message(FRONTEND.parse, name, sql, parameterTypes);
}

/**
 * A statement that the client does not know of: Close of its statement and portal, Parse, Bind, Execute, and both Closes again.
 * The first two clear away what one that failed has left behind.
 */
export function hiddenStatement(sql: string): Buffer {
  return Buffer.concat([
    CLOSE_HIDDEN,
    parseMessage(HIDDEN_NAME, sql, Buffer.alloc(2)),
    message(FRONTEND.bind, HIDDEN_NAME, HIDDEN_NAME, Buffer.alloc(6)),
    message(FRONTEND.execute, HIDDEN_NAME, Buffer.alloc(4)),
    CLOSE_HIDDEN,
  ]);
}

export const SYNC_MESSAGE = message(FRONTEND.sync);
export const FLUSH_MESSAGE = message(FRONTEND.flush);
export const TERMINATE_MESSAGE = message(FRONTEND.terminate);
export const COPY_DONE_MESSAGE = message(FRONTEND.copyDone);

export function copyFailMessage(reason: string): Buffer {
  return message(FRONTEND.copyFail, reason);
}

/** The header of a CopyData message; its body follows as it is. */
export function copyDataHeader(bodyBytes: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = FRONTEND.copyData;
  header.writeInt32BE(bodyBytes + LENGTH_BYTES, 1);
  return header;
}

export function commandComplete(tag: string): Buffer {
  return message(BACKEND.commandComplete, tag);
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return message(BACKEND.readyForQuery, Buffer.from(status));
}

export function parameterStatus(name: string, value: string): Buffer {
  return message(BACKEND.parameterStatus, name, value);
}

/** Tells a client that asked for a later minor version to go on with 3.0. */
export function negotiateProtocolVersion(unknownOptions: readonly string[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(unknownOptions.length, 4);
  return message(BACKEND.negotiateProtocolVersion, head, ...unknownOptions);
}

/** A packet without a type: length, code, body. */
export function startupPacket(code: number, body: Buffer): Buffer {
  const head = Buffer.allocUnsafe(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, body]);
}

export function startupMessage(parameters: ReadonlyMap<string, string>): Buffer {
  const fields = [...parameters].flatMap(([name, value]) => [`${name}\0`, `${value}\0`]);
  return startupPacket(PROTOCOL_VERSION, Buffer.from(`${fields.join('')}\0`));
}

/** `key` holds the process id and the secret as BackendKeyData gave them. */
export function cancelRequest(key: Buffer): Buffer {
  return startupPacket(REQUEST.cancel, key);
}

/** Reads the zero-terminated string at `from`. */
export function readCString(body: Buffer, from: number): { readonly text: string; readonly end: number } {
  const zero = body.indexOf(0, from);
  const stop = zero < 0 ? body.length : zero;
  return { text: body.toString('utf8', from, stop), end: stop + 1 };
}
