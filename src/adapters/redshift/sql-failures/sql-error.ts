import { AdapterError, adapterError } from '../../errors.js';
import { type ConnectionSettings, describeEndpoint } from '../session/connection-settings.js';
import { findSqlFailure } from './sqlstate.js';

/** What was being done when the error came up. */
export interface SqlErrorContext {
  /** For example `COPY into staging_events`. */
  readonly action: string;
  readonly settings: ConnectionSettings;
}

/** Fields that the errors of `pg`, of Node's sockets and of its TLS have in common or apart. */
interface ForeignError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly detail?: unknown;
  readonly hint?: unknown;
  readonly errors?: unknown;
}

/** COPY's answer when rows were rejected beyond MAXERROR; SYS_ in the text of newer versions. */
const LOAD_REJECTED = /stl_load_errors|sys_load_error_detail/i;

/** True for the error of a COPY that rejected rows: the load-error views say which. */
export function isLoadRejection(error: unknown): boolean {
  return LOAD_REJECTED.test(`${textOf(error, 'message')} ${textOf(error, 'detail')} ${textOf(error, 'hint')}`);
}

/**
 * An error of the driver, the socket or the server as a TransientError or TerminalError: what failed, where, the server's words,
 * what to do next. Errors that adapters made themselves pass unchanged.
 */
export function toSqlError(error: unknown, context: SqlErrorContext): AdapterError {
  if (error instanceof AdapterError) return error;
  const root = firstOfAggregate(error);
  const code = textOf(root, 'code') || undefined;
  const message = textOf(root, 'message') || String(root);
  const detail = textOf(root, 'detail');
  const rule = findSqlFailure({ code, message: `${message} ${detail}` });
  const said = withoutPassword(
    sentences([message, withoutFrame(detail, message), textOf(root, 'hint')]),
    context.settings,
  );
  const shownCode = code === undefined || said.includes(code) ? '' : ` (${code})`;
  return adapterError({
    kind: rule.kind,
    message: `${context.action} failed in ${describeEndpoint(context.settings)}: ${said}${shownCode}. ${rule.advice}`,
    resource: describeEndpoint(context.settings),
    code,
    cause: error,
  });
}

/** Node tries every address of a host and reports their errors together; all say the same in other words. */
function firstOfAggregate(error: unknown): unknown {
  const { errors } = (error ?? {}) as ForeignError;
  return Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
}

function textOf(error: unknown, field: keyof ForeignError): string {
  const value = ((error ?? {}) as ForeignError)[field];
  return typeof value === 'string' ? value.trim() : '';
}

/**
 * Redshift frames the detail of its own errors in dashes: error, code, context, query, location and process, a line each. What a person
 * can use is the error, where it says more than the message, and its code.
 */
function withoutFrame(detail: string, message: string): string {
  const framed = /-{5,}\s*error:\s*(?<error>[^\n]*)\n\s*code:\s*(?<code>\d+)/.exec(detail)?.groups;
  if (framed === undefined) return detail;
  const { error = '', code = '' } = framed;
  return message.includes(error.trim()) ? `Redshift error ${code}` : `${oneLine(error)}. Redshift error ${code}`;
}

function sentences(texts: readonly string[]): string {
  return texts
    .map(oneLine)
    .filter((text) => text !== '')
    .join('. ');
}

function oneLine(text: string): string {
  return text.replace(/-{5,}/g, ' ').replace(/\s+/g, ' ').trim().replace(/\.+$/, '');
}

/** No server repeats a password, but a message goes into history for ever. */
function withoutPassword(text: string, settings: ConnectionSettings): string {
  const password = settings.password();
  return password.length >= 4 ? text.replaceAll(password, '***') : text;
}
