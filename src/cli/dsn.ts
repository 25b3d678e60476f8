import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { amazonRootCertificates } from '../adapters/redshift/session/certificate-authorities.js';
import type { ConnectionSettings } from '../adapters/redshift/session/connection-settings.js';
import type { Environment } from '../config.js';
import { createFolder } from '../create-folder.js';
import { cacheDirectory } from '../local-stack/cache-directory.js';
import { type Destination, findDestination } from './connect.js';
import { findWarehouse } from './find-warehouse.js';
import { addInputOptions, type WarehouseOptions } from './warehouse-options.js';

/** `starshift dsn`: where a cluster answers, as whom and with which password, for psql and its like. */
export function dsnCommand(): Command {
  const command = new Command('dsn')
    .summary("print a cluster's connection string for psql")
    .description(
      'Looks a cluster up, fetches its admin password from Secrets Manager and prints a connection string on stdout. It holds the\npassword: do not log it. TLS is verified against STARSHIFT_REDSHIFT_CA or the local stack, else against Amazon.',
    )
    .argument('[cluster]', 'identifier of the cluster (default: the only one there is)')
    .option('--password-env <name>', 'variable that holds the password, where Secrets Manager does not');
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  psql "$(starshift dsn starshift-demo)"
  starshift dsn
  starshift dsn --input-file examples/load-warehouse.json
  STARSHIFT_PASSWORD=... starshift dsn music --password-env STARSHIFT_PASSWORD
Exit code: 0 printed, 1 the cluster or its password cannot be had, 2 wrong usage.`,
    )
    .action(async (cluster: string | undefined, options: WarehouseOptions) => {
      process.stdout.write(`${await findDsn(await findDestination(), { ...options, cluster })}\n`);
    });
}

/**
 * The connection string of a warehouse: `postgresql://user:password@host:port/database?sslmode=verify-full&sslrootcert=...`
 * @throws CliError 1 when the cluster, its endpoint or its password cannot be had, 2 when no cluster is named and there are several
 */
export async function findDsn(destination: Destination, options: WarehouseOptions): Promise<string> {
  const { settings } = await findWarehouse({ destination, options });
  return connectionString(settings, await authorityFile(destination.environment));
}

function connectionString({ host, port, database, user, password }: ConnectionSettings, authority: string): string {
  const [name, secret, db] = [user, password(), database].map(encodeURIComponent);
  return `postgresql://${name}:${secret}@${host}:${port}/${db}?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`;
}

/** libpq trusts no authority by itself, and only its newest versions know the system's. */
async function authorityFile(environment: Environment): Promise<string> {
  const given = environment.STARSHIFT_REDSHIFT_CA ?? '';
  if (given !== '') return resolve(given);
  const folder = cacheDirectory(environment);
  const path = join(folder, 'amazon-roots.pem');
  await createFolder(folder);
  await writeFile(`${path}.${process.pid}`, amazonRootCertificates().join('\n'));
  await rename(`${path}.${process.pid}`, path);
  return path;
}
