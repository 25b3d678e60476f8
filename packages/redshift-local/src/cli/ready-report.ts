import { accessSync, constants, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RedshiftContext } from '../control/redshift/redshift-context.js';
import type { ClusterRecord } from '../control/state/control-state.js';
import { SetupError } from '../engine/setup-error.js';
import type { SigningKeys } from './signing-keys.js';

/** What a program that starts redshift-local has to know. Holds no secret. */
export interface ReadyReport {
  readonly pid: number;
  readonly controlUrl: string;
  readonly controlPort: number;
  readonly region: string;
  readonly accountId: string;
  readonly caPath: string;
  readonly clusters: readonly {
    readonly identifier: string;
    readonly status: string;
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly passwordSecretArn?: string;
  }[];
}

/** Describes a control plane that runs. */
export function readyReport(context: RedshiftContext, controlPort: number, caPath: string): ReadyReport {
  const { account, store, endpointAddress } = context;
  return {
    pid: process.pid,
    controlUrl: `http://${endpointAddress === 'localhost' ? '127.0.0.1' : endpointAddress}:${controlPort}`,
    controlPort,
    region: account.region,
    accountId: account.id,
    caPath,
    clusters: Object.values(store.state.clusters).map((cluster) => ({
      identifier: cluster.identifier,
      status: cluster.status,
      host: endpointAddress,
      port: cluster.port,
      database: cluster.dbName,
      user: cluster.masterUsername,
      ...(cluster.masterSecretArn !== undefined && { passwordSecretArn: cluster.masterSecretArn }),
    })),
  };
}

/** Throws SetupError when the ready file could not be written: better before anything is started than after. */
export function checkReadyFile(file: string): void {
  const folder = path.dirname(file);
  const unusable = (what: string, cause?: unknown): SetupError =>
    new SetupError(`The ready file ${file} cannot be written: ${what}. Choose another one with --ready-file.`, {
      cause,
    });
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw unusable('it is a folder');
  try {
    if (!statSync(folder).isDirectory()) throw unusable(`${folder} is not a folder`);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw unusable(missing ? `the folder ${folder} does not exist` : `no permission in ${folder}`, error);
  }
}

/** Writes the report so that a reader finds all of it or nothing. */
export function writeReadyFile(file: string, report: ReadyReport): void {
  writeFileSync(`${file}.writing`, `${JSON.stringify(report)}\n`, { mode: 0o600 });
  renameSync(`${file}.writing`, file);
}

/** The lines a person needs: the DSN of the cluster, what to export for the AWS API, and a psql command. */
export function readyText(request: {
  readonly context: RedshiftContext;
  readonly report: ReadyReport;
  readonly cluster: ClusterRecord | undefined;
  /** Set when the keys were made up here; those of the environment are known to the caller. */
  readonly madeUpKeys: SigningKeys | undefined;
}): string {
  const { context, report, cluster, madeUpKeys } = request;
  const endpoints = ['REDSHIFT', 'IAM', 'EC2', 'STS', 'SECRETS_MANAGER'].map(
    (service) => `  export AWS_ENDPOINT_URL_${service}=${report.controlUrl}`,
  );
  const keys = madeUpKeys && [
    `  export AWS_ACCESS_KEY_ID=${madeUpKeys.accessKeyId}`,
    `  export AWS_SECRET_ACCESS_KEY=${madeUpKeys.secretAccessKey}`,
  ];
  return [
    'redshift-local is running. Ctrl-C stops it; the data stays.',
    ...(cluster === undefined ? [] : ['', ...connectionLines(context, cluster, report.caPath)]),
    '',
    'AWS API (Redshift, IAM, EC2 security groups, STS, Secrets Manager):',
    ...endpoints,
    `  export AWS_REGION=${report.region}`,
    ...(keys ?? []),
    '',
  ].join('\n');
}

function connectionLines(
  { store, endpointAddress }: RedshiftContext,
  cluster: ClusterRecord,
  caPath: string,
): string[] {
  const { masterUsername: user, port, dbName, masterSecretArn } = cluster;
  const secret = masterSecretArn === undefined ? undefined : store.state.secrets[masterSecretArn];
  const password = secret === undefined ? undefined : (JSON.parse(secret.value) as { password: string }).password;
  const account = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
  const tls = `sslmode=verify-full&sslrootcert=${encodeURIComponent(caPath).replaceAll('%2F', '/')}`;
  const dsn = `postgresql://${account}@${endpointAddress}:${port}/${dbName}?${tls}`;
  return [`Cluster ${cluster.identifier}:`, `  ${dsn}`, `  psql '${dsn}'`];
}
