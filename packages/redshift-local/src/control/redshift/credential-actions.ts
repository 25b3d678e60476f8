import pg from 'pg';
import { invalidValue } from '../aws/aws-error.js';
import type { AwsCall, QueryAction } from '../aws/aws-service.js';
import type { QueryParams } from '../aws/query-params.js';
import { scramVerifier } from '../cluster/scram-verifier.js';
import { generatePassword } from '../secrets/managed-secret.js';
import { clusterInState } from './cluster-actions.js';
import type { RedshiftContext } from './redshift-context.js';

const MIN_SECONDS = 900;
const MAX_SECONDS = 3600;

/** Temporary database users: a role in the endpoint's PostgreSQL that can log in until it expires. */
export function credentialActions(context: RedshiftContext): Record<string, QueryAction> {
  return {
    GetClusterCredentials: (params) => forDatabaseUser(context, params),
    GetClusterCredentialsWithIAM: (params, call) => forCaller(context, params, call),
  };
}

async function forDatabaseUser(context: RedshiftContext, params: QueryParams) {
  const cluster = clusterInState(context, params, ['available', 'modifying']);
  const user = params.required('DbUser').toLowerCase();
  if (!/^[a-z][a-z0-9_+.@-]{0,127}$/.test(user)) throw invalidValue(`Invalid DbUser: "${user}".`);
  const autoCreate = params.flag('AutoCreate') ?? false;
  const groups = params.list('DbGroups').map((group) => group.toLowerCase());
  const login = `${autoCreate ? 'IAMA' : 'IAM'}:${user}${groups.length > 0 ? `:${groups.join(':')}` : ''}`;
  const credentials = newCredentials(params);
  await context.runtime.asSuperuser(cluster.identifier, params.text('DbName') ?? cluster.dbName, async (client) => {
    const exists = await roleExists(client, user);
    // AWS hands the credentials out and the login then fails; saying so here is kinder and as final.
    if (!exists && !autoCreate) throw invalidValue(`Database user ${user} does not exist, and AutoCreate is not set.`);
    if (!exists) {
      const [created, admin] = [user, cluster.masterUsername].map(pg.escapeIdentifier);
      // As with the users it creates itself, the admin may act as this one and owns what it owns.
      await client.query(`create role ${created} login; grant ${created} to ${admin} with admin option`);
    }
    await enterLogin(client, login, credentials);
    const [loginName, userName] = [login, user].map(pg.escapeIdentifier);
    await client.query(`grant ${userName} to ${loginName}`);
    // The session runs as the database user, so what it creates belongs to that user, as on Redshift.
    await client.query(`alter role ${loginName} set role = ${userName}`);
    for (const group of groups) {
      if (!(await roleExists(client, group))) throw invalidValue(`Database group ${group} does not exist.`);
      await client.query(`grant ${pg.escapeIdentifier(group)} to ${loginName}`);
    }
  });
  return { DbUser: login, DbPassword: credentials.password, Expiration: credentials.expiration };
}

async function forCaller(context: RedshiftContext, params: QueryParams, { caller }: AwsCall) {
  const cluster = clusterInState(context, params, ['available', 'modifying']);
  const [, kind = '', name = ''] = /:(user|assumed-role)\/([^/]+)/.exec(caller.key.arn) ?? [];
  const login = `${kind === 'assumed-role' ? 'IAMR' : 'IAM'}:${name}`;
  const credentials = newCredentials(params);
  await context.runtime.asSuperuser(cluster.identifier, params.text('DbName') ?? cluster.dbName, (client) =>
    enterLogin(client, login, credentials),
  );
  const nextRefresh = new Date(credentials.expiration.getTime() - (credentials.seconds * 1000) / 2);
  return {
    DbUser: login,
    DbPassword: credentials.password,
    Expiration: credentials.expiration,
    NextRefreshTime: nextRefresh,
  };
}

function newCredentials(params: QueryParams) {
  const seconds = params.integer('DurationSeconds') ?? MIN_SECONDS;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw invalidValue(`Invalid DurationSeconds: ${seconds}. It must be between ${MIN_SECONDS} and ${MAX_SECONDS}.`);
  }
  return { seconds, password: generatePassword(), expiration: new Date(Date.now() + seconds * 1000) };
}

async function enterLogin(
  client: pg.Client,
  login: string,
  { password, expiration }: { readonly password: string; readonly expiration: Date },
): Promise<void> {
  const verb = (await roleExists(client, login)) ? 'alter' : 'create';
  const verifier = pg.escapeLiteral(scramVerifier(password));
  await client.query(
    `${verb} role ${pg.escapeIdentifier(login)} with login password ${verifier} valid until '${expiration.toISOString()}'`,
  );
}

async function roleExists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from pg_catalog.pg_roles where rolname = $1', [name]);
  return rowCount === 1;
}
