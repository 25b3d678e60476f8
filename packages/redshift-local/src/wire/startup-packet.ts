import { RedshiftError } from '../redshift-error.js';
import { readCString } from './message-encoding.js';
import { LENGTH_BYTES, PROTOCOL_MAJOR, REQUEST } from './message-types.js';

/** PostgreSQL's own limit for a packet before authentication. */
const MAX_STARTUP_BYTES = 10_000;
const PROTOCOL_VIOLATION = '08P01';

/** The first packet of a connection. */
export type StartupPacket =
  | { readonly kind: 'ssl' | 'gss' }
  | { readonly kind: 'cancel'; readonly key: Buffer }
  | { readonly kind: 'startup'; readonly minorVersion: number; readonly parameters: ReadonlyMap<string, string> };

/**
 * Startup parameters that PostgreSQL takes. Redshift's drivers send more (client_protocol_version, driver_version, os_version,
 * plugin_name, ...), which would be unknown settings there.
 */
const PASSED_ON: ReadonlySet<string> = new Set([
  'user',
  'database',
  'options',
  'application_name',
  'client_encoding',
  'datestyle',
  'timezone',
  'extra_float_digits',
  'search_path',
  'statement_timeout',
  'client_min_messages',
  'intervalstyle',
]);

/** Reads the packet if the buffer holds all of it. Throws RedshiftError for what is no packet of protocol 3. */
export function readStartupPacket(
  buffer: Buffer,
): { readonly packet: StartupPacket; readonly bytes: number } | undefined {
  if (buffer.length < LENGTH_BYTES) return undefined;
  const bytes = buffer.readInt32BE(0);
  if (bytes < 2 * LENGTH_BYTES || bytes > MAX_STARTUP_BYTES) throw violation('invalid length of startup packet');
  if (buffer.length < bytes) return undefined;
  return { packet: decode(buffer.readInt32BE(LENGTH_BYTES), buffer.subarray(2 * LENGTH_BYTES, bytes)), bytes };
}

function decode(code: number, body: Buffer): StartupPacket {
  if (code === REQUEST.ssl) return { kind: 'ssl' };
  if (code === REQUEST.gssEncryption) return { kind: 'gss' };
  if (code === REQUEST.cancel) return { kind: 'cancel', key: Buffer.from(body) };
  const major = code >> 16;
  if (major !== PROTOCOL_MAJOR)
    throw violation(`unsupported frontend protocol ${major}.${code & 0xffff}: server supports 3.0`);
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const name = readCString(body, at);
    const value = readCString(body, name.end);
    parameters.set(name.text, value.text);
    at = value.end;
  }
  return { kind: 'startup', minorVersion: code & 0xffff, parameters };
}

/** The parameters for PostgreSQL. The database defaults to the user's name, as in the protocol. */
export function backendParameters(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const passed = new Map([...parameters].filter(([name]) => PASSED_ON.has(name.toLowerCase())));
  const user = parameters.get('user') ?? '';
  if (user === '') throw new RedshiftError({ sqlState: '28000', message: 'no user name specified in startup packet' });
  if (!passed.has('database')) passed.set('database', user);
  return passed;
}

function violation(text: string): RedshiftError {
  return new RedshiftError({ sqlState: PROTOCOL_VIOLATION, message: text });
}
