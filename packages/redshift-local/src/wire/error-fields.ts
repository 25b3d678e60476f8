import { RedshiftError } from '../redshift-error.js';
import { message, readCString } from './message-encoding.js';
import { BACKEND } from './message-types.js';

/** Fields of ErrorResponse and NoticeResponse by their letter (PostgreSQL documentation, chapter 54.8). */
export type ResponseFields = Map<string, string>;

export const FIELD = {
  severity: 'S',
  severityPlain: 'V',
  code: 'C',
  message: 'M',
  detail: 'D',
  hint: 'H',
  position: 'P',
  internalPosition: 'p',
  internalQuery: 'q',
  where: 'W',
  column: 'c',
  constraint: 'n',
} as const;

export function decodeFields(body: Buffer): ResponseFields {
  const fields: ResponseFields = new Map();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const { text, end } = readCString(body, at + 1);
    fields.set(String.fromCharCode(body[at] ?? 0), text);
    at = end;
  }
  return fields;
}

export function encodeFields(type: number, fields: ResponseFields): Buffer {
  const body = [...fields].map(([letter, value]) => `${letter}${value}\0`).join('');
  return message(type, Buffer.from(`${body}\0`));
}

/** An ErrorResponse of the face's own. */
export function errorResponse(error: RedshiftError, severity: 'ERROR' | 'FATAL' = 'ERROR'): Buffer {
  const fields: ResponseFields = new Map([
    [FIELD.severity, severity],
    [FIELD.severityPlain, severity],
    [FIELD.code, error.sqlState],
    [FIELD.message, error.message],
  ]);
  if (error.detail !== undefined) fields.set(FIELD.detail, error.detail);
  if (error.hint !== undefined) fields.set(FIELD.hint, error.hint);
  if (error.position !== undefined) fields.set(FIELD.position, String(error.position));
  return encodeFields(BACKEND.errorResponse, fields);
}

/** A NoticeResponse of severity INFO. */
export function infoNotice(text: string): Buffer {
  return encodeFields(
    BACKEND.noticeResponse,
    new Map([
      [FIELD.severity, 'INFO'],
      [FIELD.severityPlain, 'INFO'],
      [FIELD.code, '00000'],
      [FIELD.message, text],
    ]),
  );
}

/** The fields as the error that the face's own code throws. */
export function toRedshiftError(fields: ResponseFields): RedshiftError {
  const detail = fields.get(FIELD.detail);
  const hint = fields.get(FIELD.hint);
  return new RedshiftError({
    sqlState: fields.get(FIELD.code) ?? 'XX000',
    message: fields.get(FIELD.message) ?? 'unknown error',
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  });
}
