import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cluster, paginateDescribeClusters } from '@aws-sdk/client-redshift';
import { Command } from 'commander';
import { type AwsClients, createAwsClients, destroyAwsClients } from '../adapters/aws/aws-clients.js';
import { toAwsError } from '../adapters/aws/aws-failure.js';
import { findCluster } from '../adapters/aws/find-cluster.js';
import { resolveTarget } from '../adapters/aws/resolve-target.js';
import { AdapterError } from '../adapters/errors.js';
import { amazonRootCertificates } from '../adapters/redshift/certificate-authorities.js';
import type { ConnectionSettings } from '../adapters/redshift/connection-settings.js';
import { adoptEnvironment, type Environment } from '../config.js';
import { createFolder } from '../create-folder.js';
import type { PasswordReference } from '../domain/input.js';
import { cacheDirectory } from '../local-stack/cache-directory.js';
import { CliError, usageError } from './cli-error.js';
import { type Destination, findDestination } from './connect.js';

interface DsnOptions {
  readonly passwordEnv?: string;
}

const DEFAULT_PORT = 5439;

/** `starshift dsn`: where a cluster answers, as whom and with which password, for psql and its like. */
export function dsnCommand(): Command {
  return new Command('dsn')
    .summary("print a cluster's connection string for psql")
    .description(
      'Looks a cluster up, fetches its admin password from Secrets Manager and prints a connection string on stdout. It holds the\npassword: do not log it. TLS is verified against STARSHIFT_REDSHIFT_CA or the local stack, else against Amazon.',
    )
    .argument('[cluster]', 'identifier of the cluster (default: the only one there is)')
    .option('--password-env <name>', 'variable that holds the password, where Secrets Manager does not')
    .addHelpText(
      'after',
      `
Examples:
  psql "$(starshift dsn starshift-demo)"
  starshift dsn
  STARSHIFT_PASSWORD=... starshift dsn music --password-env STARSHIFT_PASSWORD
Exit code: 0 printed, 1 the cluster or its password cannot be had, 2 wrong usage.`,
    )
    .action(async (cluster: string | undefined, options: DsnOptions) => {
      process.stdout.write(`${await findDsn(await findDestination(), { cluster, ...options })}\n`);
    });
}

/**
 * The connection string of a cluster: `postgresql://user:password@host:port/database?sslmode=verify-full&sslrootcert=...`
 * @throws CliError 1 when the cluster, its endpoint or its password cannot be had, 2 when no cluster is named and there are several
 */
export async function findDsn(
  destination: Destination,
  request: DsnOptions & { readonly cluster?: string | undefined },
): Promise<string> {
  const { config, environment } = destination;
  adoptEnvironment(environment);
  const clients = createAwsClients({ s3PathStyle: config.s3PathStyle });
  try {
    const cluster = request.cluster === undefined ? only(await listClusters(clients)) : await named(request.cluster);
    const settings = await resolveTarget(clients, {
      target: { ...endpointOf(cluster), password: passwordOf(cluster, request.passwordEnv), iamRole: 'default' },
      password: (name) => environment[name] || undefined,
    });
    return connectionString(settings, await authorityFile(environment));
  } catch (error) {
    if (error instanceof AdapterError) throw new CliError(error.message, undefined, { cause: error });
    throw error;
  } finally {
    destroyAwsClients(clients);
  }

  async function named(identifier: string): Promise<Cluster> {
    const cluster = await findCluster(clients, { identifier });
    if (cluster !== undefined) return cluster;
    throw new CliError(
      `There is no cluster ${identifier} in this account and region. \`npx starshift doctor\` lists those there are.`,
    );
  }
}

async function listClusters({ redshift }: AwsClients): Promise<readonly Cluster[]> {
  const clusters: Cluster[] = [];
  try {
    for await (const page of paginateDescribeClusters({ client: redshift }, {}))
      clusters.push(...(page.Clusters ?? []));
  } catch (error) {
    throw toAwsError(error, { action: 'Listing the clusters', resource: 'clusters' });
  }
  return clusters;
}

function only(clusters: readonly Cluster[]): Cluster {
  const [cluster, another] = clusters;
  if (cluster === undefined) {
    throw new CliError(
      'There is no cluster yet. Start a run that provisions one: npx starshift run provisionWarehouse --input-file examples/provision-warehouse.json',
    );
  }
  if (another === undefined) return cluster;
  throw usageError(
    `There are several clusters; name one of ${clusters.map(({ ClusterIdentifier }) => ClusterIdentifier).join(', ')}.`,
  );
}

function endpointOf({ ClusterIdentifier, ClusterStatus, Endpoint, DBName, MasterUsername }: Cluster) {
  if (Endpoint?.Address !== undefined && MasterUsername !== undefined) {
    const port = Endpoint.Port ?? DEFAULT_PORT;
    return { host: Endpoint.Address, port, database: DBName ?? 'dev', user: MasterUsername };
  }
  throw new CliError(`Cluster ${ClusterIdentifier} is ${ClusterStatus} and has no address yet. Try again later.`);
}

function passwordOf(cluster: Cluster, variable: string | undefined): PasswordReference {
  if (variable !== undefined) return { env: variable };
  if (cluster.MasterPasswordSecretArn !== undefined) return { secretsManager: cluster.MasterPasswordSecretArn };
  throw new CliError(
    `Redshift does not manage the admin password of cluster ${cluster.ClusterIdentifier}. Put it into a variable and name that: --password-env STARSHIFT_PASSWORD`,
  );
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
