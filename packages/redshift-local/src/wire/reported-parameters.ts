/**
 * Redshift reports the version of PostgreSQL that it descends from to every client; psql warns of it, as with a real cluster,
 * and asks the catalogue as it asks the oldest server it knows.
 */
const SERVER_VERSION = '8.0.2';

/** Parameters that are reported with another value than PostgreSQL's. */
const REPORTED: ReadonlyMap<string, string> = new Map([
  ['server_version', SERVER_VERSION],
  // Plain strings take backslash escapes, and drivers that quote literals themselves must know.
  ['standard_conforming_strings', 'off'],
]);

/** Parameters that PostgreSQL learnt later and that Redshift does not report. */
const UNREPORTED: ReadonlySet<string> = new Set([
  'default_transaction_read_only',
  'in_hot_standby',
  'scram_iterations',
  'search_path',
]);

/** The value a client is told for a parameter; undefined: nothing. */
export function reportedParameter(name: string, value: string): string | undefined {
  return UNREPORTED.has(name) ? undefined : (REPORTED.get(name) ?? value);
}
