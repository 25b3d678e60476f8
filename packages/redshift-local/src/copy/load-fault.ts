/**
 * Error codes of rejected rows (DG "Load error reference"). The texts are the ones Redshift is seen to write into
 * stl_load_errors.err_reason; those nobody could verify without a cluster are marked unsure.
 */
export const LoadErrorCode = {
  extraColumns: 1202,
  outOfRange: 1204,
  date: 1205,
  timestamp: 1206,
  invalidDigit: 1207,
  boolean: 1210,
  notNull: 1213,
  delimiterNotFound: 1214,
  invalidLine: 1216,
  nullByte: 1218,
  utf8: 1220,
  overflow: 1204,
} as const;

/** Why a row is rejected. */
export interface LoadFault {
  readonly code: number;
  /** At most 100 characters reach stl_load_errors. */
  readonly reason: string;
  /** Byte offset of the problem within the field, or within the row when no field is to blame. */
  readonly position: number;
  /** Index of the target column; absent when the row itself is broken. */
  readonly column?: number;
  /** Fails the COPY whatever MAXERROR says. */
  readonly fatal?: boolean;
}

/** A character that is no digit where one is needed. */
export function invalidDigit(byte: number | undefined, position: number, type: string): LoadFault {
  const shown = byte === undefined ? '' : String.fromCharCode(byte);
  return {
    code: LoadErrorCode.invalidDigit,
    reason: `Invalid digit, Value '${shown}', Pos ${position}, Type: ${type}`,
    position,
  };
}

/** A number beyond the range of its column's type. */
export function overflow(columnType: string): LoadFault {
  return { code: LoadErrorCode.overflow, reason: `Overflow, Column type: ${columnType}`, position: 0 };
}

export const MISSING_NOT_NULL: LoadFault = {
  code: LoadErrorCode.notNull,
  reason: 'Missing data for not-null field',
  position: 0,
};

export const NULL_BYTE: LoadFault = {
  code: LoadErrorCode.nullByte,
  reason: 'Invalid null byte - field longer than 1 byte',
  position: 0,
};

/** A string longer, in bytes, than its column. */
export function tooLong(limit: number): LoadFault {
  return { code: LoadErrorCode.outOfRange, reason: 'String length exceeds DDL length', position: limit };
}

/** Broken JSON. Redshift says "Invalid value."; what follows it is ours (unsure). */
export function invalidJson(expected: string, position: number): LoadFault {
  return { code: LoadErrorCode.invalidLine, reason: `Invalid value. ${expected}`, position };
}
