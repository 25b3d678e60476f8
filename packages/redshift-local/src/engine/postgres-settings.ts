import { totalmem } from 'node:os';

const MEGABYTE = 1024 * 1024;

/** Flags of initdb, besides folder, user and password file. */
export const INITDB_FLAGS: readonly string[] = [
  '--encoding=UTF8',
  // Redshift sorts by bytes. The builtin provider does so too, and still maps the case of letters outside ASCII.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--auth=scram-sha-256',
  // The data is a developer's copy, made again in seconds: no checksums, and no flush of files that a restart rewrites.
  '--no-data-checksums',
  '--no-sync',
  '--no-instructions',
];

/** The server settings of an endpoint, passed on the command line so that a new release applies to old data folders. */
export function postgresSettings(port: number): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    password_encryption: 'scram-sha-256',
    // Redshift allows 500 connections on its smallest nodes; a few more serve the endpoint itself.
    max_connections: '520',
    // What a client was told is committed stays, whatever is killed next: loaders rely on it to load every row once.
    synchronous_commit: 'on',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '4GB',
    checkpoint_timeout: '30min',
    wal_buffers: '16MB',
    shared_buffers: `${Math.round(sharedBuffers() / MEGABYTE)}MB`,
    // A client that is gone is noticed in the midst of a statement too; Windows cannot tell.
    ...(process.platform === 'win32' ? {} : { client_connection_check_interval: '1s' }),
    work_mem: '64MB',
    maintenance_work_mem: '256MB',
    // Solid-state disks, and analytic statements where planning and JIT compilation must not cost more than the scan.
    random_page_cost: '1.1',
    jit: 'off',
    // A load fills a table in one go: statistics should follow within seconds, not a minute.
    autovacuum_naptime: '10s',
    log_min_messages: 'warning',
    log_line_prefix: '%m [%p] ',
    // The client has already been told; a log of failed statements would hold literal data.
    log_min_error_statement: 'panic',
  };
}

/** An eighth of the memory, between 128 MB and 512 MB: several clusters may run side by side. */
function sharedBuffers(): number {
  return Math.min(Math.max(totalmem() / 8, 128 * MEGABYTE), 512 * MEGABYTE);
}
