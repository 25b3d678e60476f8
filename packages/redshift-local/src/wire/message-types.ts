/** Message types of the PostgreSQL frontend/backend protocol 3.0 (PostgreSQL 18 documentation, chapter 54.7). */

const code = (letter: string): number => letter.charCodeAt(0);

/** Messages that a client sends. */
export const FRONTEND = {
  bind: code('B'),
  close: code('C'),
  copyData: code('d'),
  copyDone: code('c'),
  copyFail: code('f'),
  describe: code('D'),
  execute: code('E'),
  flush: code('H'),
  functionCall: code('F'),
  parse: code('P'),
  password: code('p'),
  query: code('Q'),
  sync: code('S'),
  terminate: code('X'),
} as const;

/** Messages that a server sends. */
export const BACKEND = {
  authentication: code('R'),
  backendKeyData: code('K'),
  bindComplete: code('2'),
  closeComplete: code('3'),
  commandComplete: code('C'),
  copyData: code('d'),
  copyInResponse: code('G'),
  copyOutResponse: code('H'),
  dataRow: code('D'),
  emptyQueryResponse: code('I'),
  errorResponse: code('E'),
  functionCallResponse: code('V'),
  negotiateProtocolVersion: code('v'),
  noData: code('n'),
  noticeResponse: code('N'),
  notificationResponse: code('A'),
  parameterDescription: code('t'),
  parameterStatus: code('S'),
  parseComplete: code('1'),
  portalSuspended: code('s'),
  readyForQuery: code('Z'),
  rowDescription: code('T'),
} as const;

/** Codes in place of a protocol version in a packet without a type. */
export const REQUEST = {
  cancel: 80_877_102,
  gssEncryption: 80_877_104,
  ssl: 80_877_103,
} as const;

/** Protocol 3.0, the one Redshift speaks. */
export const PROTOCOL_MAJOR = 3;
export const PROTOCOL_VERSION = PROTOCOL_MAJOR << 16;

/** Bytes of a message's type and length. */
export const HEADER_BYTES = 5;
/** Bytes of a length, which counts itself. */
export const LENGTH_BYTES = 4;

/** Transaction states in ReadyForQuery. */
export type TransactionStatus = 'I' | 'T' | 'E';
