import pg from 'pg';
import { SUPERUSER } from '../../engine/postgres-home.js';
import type { ClusterRecord } from '../state/control-state.js';

/** Statement that keeps the superuser's own sessions from calling functions that users made under the name of PostgreSQL's. */
export const SUPERUSER_SEARCH_PATH_SQL = `alter role ${SUPERUSER} set search_path = pg_catalog`;

type Admin = Pick<ClusterRecord, 'masterUsername' | 'masterVerifier'>;

/** What Redshift's superuser may do with the data and the sessions of others, as far as PostgreSQL has roles for it. */
const MEMBERSHIPS = ['pg_monitor', 'pg_signal_backend', 'pg_read_all_data', 'pg_maintain'] as const;

/** Statement that creates the admin of a cluster, who may log in and nothing else yet. */
export function createAdminSql({ masterUsername, masterVerifier }: Admin): string {
  return `create role ${pg.escapeIdentifier(masterUsername)} with login password ${pg.escapeLiteral(masterVerifier)}`;
}

/** Statement that gives the admin another password. */
export function adminPasswordSql({ masterUsername, masterVerifier }: Admin): string {
  return `alter role ${pg.escapeIdentifier(masterUsername)} with login password ${pg.escapeLiteral(masterVerifier)}`;
}

/**
 * Statements that make the admin what it is on Redshift, short of a superuser, who could read this machine's files and run its
 * programs: it creates users and databases, belongs to every user it creates, and sees and ends every session. Idempotent.
 */
export function adminRightsSql({ masterUsername }: Admin): string {
  const admin = pg.escapeIdentifier(masterUsername);
  return [
    `alter role ${admin} nosuperuser createrole createdb`,
    `alter role ${admin} set createrole_self_grant = 'set, inherit'`,
    `grant ${MEMBERSHIPS.join(', ')} to ${admin}`,
  ].join('; ');
}
