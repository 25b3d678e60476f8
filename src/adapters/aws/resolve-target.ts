import type { Cluster } from '@aws-sdk/client-redshift';
import type { PasswordReference, Target } from '../../domain/input.js';
import { TerminalError, TransientError } from '../errors.js';
import type { ConnectionSettings } from '../redshift/session/connection-settings.js';
import type { AwsClients } from './aws-clients.js';
import { type StateClass, stateClass } from './cluster-states.js';
import { findCluster } from './find-cluster.js';
import { MANAGED_SECRETS, readSecret, requireAllowedSecret } from './secret-password.js';

type TargetClients = Pick<AwsClients, 'redshift' | 'secretsManager'>;

/** Which warehouse, and how to come by passwords. */
export interface ResolveTargetRequest {
  readonly target: Target;
  /** Looks up a password by the name of its environment variable. */
  readonly password: (name: string) => string | undefined;
  /** Beginnings of the names of secrets that the target may refer to. @default those that Redshift manages */
  readonly secretPrefixes?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the target answers and as whom. Called in each attempt, because addresses and passwords change between attempts.
 *
 * @throws TerminalError when the cluster or its password is not there or not for inputs to name, TransientError while it is changing its state
 */
export async function resolveTarget(
  clients: TargetClients,
  request: ResolveTargetRequest,
): Promise<ConnectionSettings> {
  const { target } = request;
  if ('host' in target) {
    const { host, port, database, user, iamRole } = target;
    const password = await readPassword(clients, { ...request, reference: target.password });
    return { host, port, database, user, iamRole, password: () => password };
  }
  const cluster = await findCluster(clients, { identifier: target.cluster, signal: request.signal });
  const endpoint = requireEndpoint(cluster, target.cluster);
  const password = await (target.password === undefined
    ? readSecret(clients, { id: managedSecret(cluster, target.cluster), signal: request.signal })
    : readPassword(clients, { ...request, reference: target.password }));
  return {
    ...endpoint,
    database: cluster?.DBName ?? 'dev',
    user: cluster?.MasterUsername ?? '',
    iamRole: copyRole(cluster, target.cluster),
    password: () => password,
  };
}

function requireEndpoint(
  cluster: Cluster | undefined,
  identifier: string,
): { readonly host: string; readonly port: number } {
  const status = cluster?.ClusterStatus ?? 'gone';
  const host = cluster?.Endpoint?.Address;
  const state = stateClass(status);
  if (state === 'available' && host !== undefined) return { host, port: cluster?.Endpoint?.Port ?? 5439 };
  const fields = { resource: identifier, code: status };
  if (cluster === undefined) {
    const message = `There is no cluster ${identifier} in this account and region. Provision it first, or correct AWS_REGION.`;
    throw new TerminalError({ ...fields, kind: 'awsTerminal', message });
  }
  const todo = WAITED_FOR[state];
  if (todo !== undefined) {
    throw new TransientError({ ...fields, kind: 'notReady', message: `Cluster ${identifier} is ${status}. ${todo}` });
  }
  const message = `Cluster ${identifier} is ${status}. See its events in the Redshift console.`;
  throw new TerminalError({ ...fields, kind: 'awsTerminal', message });
}

/** States that a load waits in; clusters that are paused by a schedule, or by mistake, are resumed while it does. */
const WAITED_FOR: Readonly<Partial<Record<StateClass, string>>> = {
  available: 'It is tried again.',
  changing: 'It is tried again.',
  paused: 'Resume it (provisionWarehouse does); it is tried again meanwhile.',
};

function managedSecret(cluster: Cluster | undefined, identifier: string): string {
  if (cluster?.MasterPasswordSecretArn !== undefined) return cluster.MasterPasswordSecretArn;
  throw new TerminalError({
    kind: 'authentication',
    message:
      `Redshift does not manage the admin password of cluster ${identifier}. ` +
      'Name it in the input: "target": {"cluster": "...", "password": {"env": "STARSHIFT_PASSWORD"}}.',
    resource: identifier,
  });
}

function copyRole(cluster: Cluster | undefined, identifier: string): string {
  const role = cluster?.DefaultIamRoleArn ?? cluster?.IamRoles?.[0]?.IamRoleArn;
  if (role !== undefined && role !== '') return role;
  throw new TerminalError({
    kind: 'awsTerminal',
    message: `Cluster ${identifier} has no IAM role for COPY. Attach one that may read the source, or provision the cluster with Starshift.`,
    resource: identifier,
  });
}

async function readPassword(
  clients: TargetClients,
  request: ResolveTargetRequest & { readonly reference: PasswordReference },
): Promise<string> {
  const { reference, password: lookUp, secretPrefixes = [MANAGED_SECRETS], signal } = request;
  if ('secretsManager' in reference) {
    const id = reference.secretsManager;
    requireAllowedSecret(id, secretPrefixes);
    return readSecret(clients, { id, signal });
  }
  const value = lookUp(reference.env);
  if (value !== undefined) return value;
  throw new TerminalError({
    kind: 'authentication',
    message: `The password is to be in ${reference.env}, which the worker does not have. Set it and restart the worker.`,
    resource: reference.env,
  });
}
