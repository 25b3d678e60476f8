import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config.js';
import { type ChildServer, startChildServer } from './child-server.js';
import { answersOk } from './http-ready.js';
import { LocalStackError } from './local-stack-error.js';
import type { ProcessIdentity } from './process-identity.js';
import type { S3Credentials } from './s3-credentials.js';

/** What the S3 server needs to start. */
export interface S3ServerOptions {
  /** Path of `versitygw`. */
  readonly binary: string;
  readonly folder: string;
  readonly logFile: string;
  readonly port: number;
  readonly region: string;
  readonly credentials: S3Credentials;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onSpawn: (identity: ProcessIdentity) => Promise<void>;
}

const HEALTH_PATH = '/health';

/**
 * Starts versitygw on 127.0.0.1 over `folder`: each folder under `data` is a bucket. Object metadata stands in extended
 * attributes, or in files of its own (`sidecar`) on file systems that have none; what was chosen first stays, because neither can
 * read the other's.
 */
export async function startS3Server(options: S3ServerOptions): Promise<ChildServer> {
  await mkdir(join(options.folder, 'data'), { recursive: true });
  const sidecar = join(options.folder, 'sidecar');
  if (await exists(sidecar)) return start(options, sidecar);
  try {
    return await start(options, undefined);
  } catch (error) {
    if (!(error instanceof LocalStackError) || !(await refusedAttributes(options.logFile))) throw error;
    await mkdir(sidecar, { recursive: true });
    return start(options, sidecar);
  }
}

function start(options: S3ServerOptions, sidecar: string | undefined): Promise<ChildServer> {
  const { port, region, credentials } = options;
  return startChildServer({
    name: 'S3',
    command: options.binary,
    args: [
      ...['--port', `127.0.0.1:${port}`, '--region', region, '--health', HEALTH_PATH, '--quiet', '--keep-alive'],
      ...['posix', ...(sidecar === undefined ? [] : ['--sidecar', sidecar]), join(options.folder, 'data')],
    ],
    cwd: options.folder,
    // Never on the command line, where every user of the machine could read them.
    environment: {
      ...options.environment,
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    },
    logFile: options.logFile,
    port,
    isReady: () => answersOk(`http://127.0.0.1:${port}${HEALTH_PATH}`),
    readyWithinMs: 20_000,
    stopWithinMs: 5_000,
    signal: options.signal,
    onSpawn: options.onSpawn,
  });
}

/** versitygw 1.8: "xattr check failed: xattrs are not supported on this filesystem". */
async function refusedAttributes(logFile: string): Promise<boolean> {
  return (await readFile(logFile, 'utf8').catch(() => '')).includes('xattr');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
