import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config.js';
import { createFolder } from '../create-folder.js';
import { type ChildServer, startChildServer } from './child-server.js';
import { LocalStackError } from './local-stack-error.js';
import type { ProcessIdentity } from './process-identity.js';
import type { S3Credentials } from './s3-credentials.js';

/** The program is found by its place in the workspace: the product never imports it. */
const PROGRAM = fileURLToPath(new URL('../../packages/redshift-local/bin/redshift-local.mjs', import.meta.url));

/** What redshift-local needs to start. */
export interface RedshiftServerOptions {
  readonly folder: string;
  readonly logFile: string;
  readonly controlPort: number;
  /** Where the first cluster listens; further ones take the next free ports. */
  readonly port: number;
  readonly s3: S3Credentials & { readonly endpoint: string; readonly region: string };
  readonly environment: Environment;
  /** Further arguments of the program. @default none */
  readonly extraArguments?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onSpawn: (identity: ProcessIdentity) => Promise<void>;
}

/** A running redshift-local. */
export interface RedshiftServer {
  readonly child: ChildServer;
  readonly controlUrl: string;
  /** PEM file of the authority that signs its clusters' certificates. */
  readonly caPath: string;
}

/** Starts redshift-local without a cluster: clusters come from CreateCluster, as on AWS. */
export async function startRedshiftServer(options: RedshiftServerOptions): Promise<RedshiftServer> {
  await createFolder(options.folder, { mode: 0o711 });
  const readyFile = join(options.folder, 'ready.json');
  await rm(readyFile, { force: true });
  let ready: Omit<RedshiftServer, 'child'> | undefined;
  const child = await startChildServer({
    name: 'redshift-local',
    command: process.execPath,
    args: [
      ...[PROGRAM, '--no-default-cluster', '--state', options.folder, '--exit-with-parent'],
      ...['--control-port', String(options.controlPort), '--port', String(options.port)],
      ...['--s3-endpoint', options.s3.endpoint, '--s3-region', options.s3.region, '--ready-file', readyFile],
      ...(options.extraArguments ?? []),
    ],
    cwd: options.folder,
    environment: {
      ...options.environment,
      AWS_ACCESS_KEY_ID: options.s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: options.s3.secretAccessKey,
    },
    logFile: options.logFile,
    isReady: async () => {
      ready ??= await readReadyFile(readyFile);
      return ready !== undefined;
    },
    readyWithinMs: 60_000,
    stopWithinMs: 20_000,
    signal: options.signal,
    onSpawn: options.onSpawn,
  });
  if (ready === undefined) throw new LocalStackError('server-failed', `redshift-local wrote nothing to ${readyFile}`);
  return { child, ...ready };
}

/** The file appears when the servers listen; until it is whole JSON, it is not ready. */
async function readReadyFile(path: string): Promise<Omit<RedshiftServer, 'child'> | undefined> {
  try {
    const { controlUrl, caPath } = JSON.parse(await readFile(path, 'utf8'));
    return typeof controlUrl === 'string' && typeof caPath === 'string' ? { controlUrl, caPath } : undefined;
  } catch {
    return undefined;
  }
}
