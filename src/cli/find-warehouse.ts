import { type Cluster, paginateDescribeClusters } from '@aws-sdk/client-redshift';
import { type AwsClients, createAwsClients, destroyAwsClients } from '../adapters/aws/aws-clients.js';
import { toAwsError } from '../adapters/aws/aws-failure.js';
import { stateClass } from '../adapters/aws/cluster-states.js';
import { findCluster } from '../adapters/aws/find-cluster.js';
import { resolveTarget } from '../adapters/aws/resolve-target.js';
import { AdapterError } from '../adapters/errors.js';
import type { ConnectionSettings } from '../adapters/redshift/session/connection-settings.js';
import { queryLabel } from '../adapters/redshift/session/query-label.js';
import { type Session, withSession } from '../adapters/redshift/session/session.js';
import { adoptEnvironment } from '../config.js';
import type { PasswordReference } from '../domain/input.js';
import { CliError, usageError } from './cli-error.js';
import { type Destination, openClient } from './connect.js';
import { type InputScope, readInputScope } from './input-scope.js';
import { readRunScope } from './run-scope.js';
import { requireOneWay, type WarehouseOptions } from './warehouse-options.js';

/** A warehouse as a command reaches it. */
export interface FoundWarehouse {
  readonly settings: ConnectionSettings;
  readonly schema: string;
  /** The cluster and its state in the account's words; undefined for an endpoint that an input names. */
  readonly cluster: { readonly identifier: string; readonly status: string } | undefined;
  /** The input that named the warehouse, if one did. */
  readonly scope: InputScope | undefined;
}

interface Finding {
  readonly destination: Destination;
  readonly options: WarehouseOptions;
}

const DEFAULT_PORT = 5439;

/**
 * The warehouse that the options name: a cluster, what a run's input names, or the only cluster there is. Looks up its address and
 * its password; connects to nothing but AWS and, for `--run`, Temporal.
 * @throws CliError 1 when the cluster, its address or its password cannot be had, 2 when none or several are named
 */
export async function findWarehouse({ destination, options }: Finding): Promise<FoundWarehouse> {
  requireOneWay(options);
  adoptEnvironment(destination.environment);
  const scope = await findScope(destination, options);
  const clients = createAwsClients({ s3PathStyle: destination.config.s3PathStyle });
  try {
    const found = await resolve(clients, { destination, options, scope });
    return { ...found, schema: options.schema ?? scope?.schema ?? 'public', scope };
  } catch (error) {
    throw asCliError(error);
  } finally {
    destroyAwsClients(clients);
  }
}

/**
 * Runs `work` in a session on the warehouse, under a query group that names the command.
 * @throws CliError as findWarehouse does, and 1 when the warehouse cannot be reached or refuses a statement
 */
export async function withWarehouse<Result>(
  request: Finding & { readonly command: string },
  work: (session: Session, warehouse: FoundWarehouse) => Promise<Result>,
): Promise<Result> {
  const warehouse = await findWarehouse(request);
  requireAwake(warehouse);
  const { settings } = warehouse;
  const label = queryLabel({ workflowId: '(command line)', step: request.command });
  try {
    const defaults = { ca: request.destination.config.redshiftCa };
    return await withSession({ settings, label, defaults }, (session) => work(session, warehouse));
  } catch (error) {
    throw asCliError(error);
  }
}

/** What an adapter says about a service is for people; its stack is not. Anything else passes unchanged. */
export function asCliError(error: unknown): unknown {
  return error instanceof AdapterError ? new CliError(error.message, undefined, { cause: error }) : error;
}

async function findScope(destination: Destination, options: WarehouseOptions): Promise<InputScope | undefined> {
  const { inputFile: file, input: json, run } = options;
  if (file !== undefined || json !== undefined) return readInputScope({ file, json });
  if (run === undefined) return undefined;
  const client = await openClient(destination.config.temporal);
  try {
    return await readRunScope(client, run);
  } finally {
    await client.connection.close();
  }
}

type Resolved = Pick<FoundWarehouse, 'settings' | 'cluster'>;

async function resolve(
  clients: AwsClients,
  { destination, options, scope }: Finding & { readonly scope: InputScope | undefined },
): Promise<Resolved> {
  const { config, environment } = destination;
  const target = scope?.target;
  if (target === undefined) {
    const cluster = await (options.cluster === undefined ? onlyCluster(clients) : named(clients, options.cluster));
    const { passwordEnv } = options;
    const reference = passwordOf(cluster, passwordEnv === undefined ? undefined : { env: passwordEnv });
    // Whoever types the name of a variable chooses the cluster too; an input could come from anybody.
    return reach(clients, { cluster, reference, password: (name) => environment[name] || undefined });
  }
  const { password, secretPrefixes } = config;
  if (target.password !== undefined) requireVariable(target.password, password);
  if ('host' in target) {
    return { settings: await resolveTarget(clients, { target, password, secretPrefixes }), cluster: undefined };
  }
  const cluster = await named(clients, target.cluster);
  return reach(clients, { cluster, reference: passwordOf(cluster, target.password), password, secretPrefixes });
}

async function reach(
  clients: AwsClients,
  request: {
    readonly cluster: Cluster;
    readonly reference: PasswordReference;
    readonly password: (name: string) => string | undefined;
    readonly secretPrefixes?: readonly string[];
  },
): Promise<Resolved> {
  const { cluster, reference, ...passwords } = request;
  const managed = 'secretsManager' in reference && reference.secretsManager === cluster.MasterPasswordSecretArn;
  const settings = await resolveTarget(clients, {
    target: { ...endpointOf(cluster), password: reference, iamRole: 'default' },
    ...passwords,
    // A cluster's own secret is always read, whatever inputs may name.
    ...(managed ? { secretPrefixes: undefined } : {}),
  });
  const { ClusterIdentifier: identifier = '', ClusterStatus: status = '' } = cluster;
  return { settings, cluster: { identifier, status } };
}

async function named(clients: AwsClients, identifier: string): Promise<Cluster> {
  const cluster = await findCluster(clients, { identifier });
  if (cluster !== undefined) return cluster;
  throw new CliError(
    `There is no cluster ${identifier} in this account and region. \`npx starshift doctor\` lists those there are.`,
  );
}

async function onlyCluster({ redshift }: AwsClients): Promise<Cluster> {
  const clusters: Cluster[] = [];
  try {
    for await (const page of paginateDescribeClusters({ client: redshift }, {}))
      clusters.push(...(page.Clusters ?? []));
  } catch (error) {
    throw toAwsError(error, { action: 'Listing the clusters', resource: 'clusters' });
  }
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

function passwordOf(cluster: Cluster, given: PasswordReference | undefined): PasswordReference {
  if (given !== undefined) return given;
  if (cluster.MasterPasswordSecretArn !== undefined) return { secretsManager: cluster.MasterPasswordSecretArn };
  throw new CliError(
    `Redshift does not manage the admin password of cluster ${cluster.ClusterIdentifier}. Put it into a variable and name that: --password-env STARSHIFT_PASSWORD`,
  );
}

function requireVariable(reference: PasswordReference, password: (name: string) => string | undefined): void {
  if (!('env' in reference) || password(reference.env) !== undefined) return;
  throw new CliError(
    `The input says that the password is in ${reference.env}, which is not set here. Set it and ask again.`,
  );
}

function requireAwake({ cluster }: FoundWarehouse): void {
  if (cluster === undefined || stateClass(cluster.status) !== 'paused') return;
  const { identifier, status } = cluster;
  throw new CliError(`Cluster ${identifier} is ${status}. Resume it (provisionWarehouse does), then ask again.`);
}
