import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Adapters, createAdapters } from '../../../src/adapters/adapters.js';
import { waitForClusterAvailable } from '../../../src/adapters/aws/await-cluster.js';
import { ensureCluster } from '../../../src/adapters/aws/ensure-cluster.js';
import { ensureLoadRole } from '../../../src/adapters/aws/load-role.js';
import { resolveTarget } from '../../../src/adapters/aws/resolve-target.js';
import { ensureSecurityGroup } from '../../../src/adapters/aws/security-group.js';
import type { ConnectionSettings } from '../../../src/adapters/redshift/session/connection-settings.js';
import { type Row, type Session, withSession } from '../../../src/adapters/redshift/session/session.js';
import type { TemporalRuns } from '../../../src/adapters/temporal/temporal-runs.js';
import { PROJECT_ROOT } from '../../../src/config.js';
import { provisionWarehouseInput } from '../../../src/domain/input.js';
import type { LocalStack } from '../../../src/local-stack/start-local-stack.js';
import { getTestStack } from '../../support/stack.js';

/** A cluster of the local Redshift with a bucket, made with the product's own adapters; one for all suites of the adapters. */
export interface TestWarehouse {
  readonly identifier: string;
  readonly bucket: string;
  readonly stack: LocalStack;
  readonly adapters: Adapters;
  readonly settings: ConnectionSettings;
  /** Runs `work` in a session of its own, in this schema. */
  inSession<Result>(work: (session: Session) => Promise<Result>, options?: SessionOptions): Promise<Result>;
  /** Rows of one statement in a session of its own. */
  query(sql: string, schema?: string): Promise<readonly Row[]>;
  put(key: string, body: string): Promise<{ readonly url: string; readonly sizeBytes: number; readonly etag: string }>;
}

export interface SessionOptions {
  readonly schema?: string;
  readonly label?: string;
  readonly signal?: AbortSignal;
}

let warehouse: Promise<TestWarehouse> | undefined;

/** The shared test warehouse, started at the first call. The SDK's environment must be in place: see useStackEnvironment. */
export function getTestWarehouse(): Promise<TestWarehouse> {
  warehouse ??= startWarehouse();
  return warehouse;
}

/** Turns the AWS SDK of this process to the stack; returns what undoes it. */
export function useStackEnvironment(stack: LocalStack): () => void {
  const before = new Map<string, string | undefined>();
  for (const [name, value] of Object.entries(stack.environment)) {
    if (!name.startsWith('AWS_')) continue;
    before.set(name, process.env[name]);
    setVariable(name, value === '' ? undefined : value);
  }
  return () => {
    for (const [name, value] of before) setVariable(name, value);
  };
}

/** A name that no other suite uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}${randomBytes(4).toString('hex')}`;
}

async function startWarehouse(): Promise<TestWarehouse> {
  const stack = await getTestStack({ temporal: false });
  const adapters = await testAdapters(stack);
  const identifier = uniqueName('adapters-');
  const bucket = uniqueName('adapters-');
  await adapters.aws.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const settings = await provision(adapters, identifier, bucket);
  const inSession: TestWarehouse['inSession'] = (work, options = {}) =>
    withSession({ settings, label: 'test', defaults: adapters.sessions, ...options }, work);
  return {
    ...{ identifier, bucket, stack, adapters, settings, inSession },
    query: async (sql, schema) => {
      const options = schema === undefined ? {} : { schema };
      return (await inSession((session) => session.run({ sql, action: 'Test query' }), options)).rows;
    },
    put: (key, body) => put(adapters.aws.s3, { bucket, key, body }),
  };
}

/** Adapters on the stack, as the worker makes them. */
export async function testAdapters(stack: LocalStack): Promise<Adapters> {
  const settings = {
    warehousesDir: join(PROJECT_ROOT, 'sql'),
    redshiftCa: await readFile(stack.redshift.caPath, 'utf8'),
    s3PathStyle: true,
    secretPrefixes: ['redshift!', 'starshift/'],
    password: () => undefined,
  };
  return createAdapters(settings, NO_OTHER_RUNS);
}

/** A Temporal server on which nothing runs. */
const NO_OTHER_RUNS: TemporalRuns = {
  identity: async () => ({ namespace: 'default' }),
  find: async () => ({ kind: 'over' }),
};

async function provision(
  { aws, password, secretPrefixes }: Adapters,
  identifier: string,
  bucket: string,
): Promise<ConnectionSettings> {
  const { cluster, source } = provisionWarehouseInput.parse({
    cluster: { identifier },
    source: { url: `s3://${bucket}/` },
  });
  const createdBy = 'tests';
  const role = await ensureLoadRole(aws, { identifier, source, createdBy });
  const group = await ensureSecurityGroup(aws, { cluster, createdBy });
  await ensureCluster(aws, { cluster, roleArn: role.id, securityGroupId: group.id, createdBy, password });
  await waitForClusterAvailable(aws, { identifier });
  return resolveTarget(aws, { target: { cluster: identifier }, password, secretPrefixes });
}

async function put(s3: S3Client, object: { readonly bucket: string; readonly key: string; readonly body: string }) {
  const { bucket, key, body } = object;
  const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));
  return { url: `s3://${bucket}/${key}`, sizeBytes: Buffer.byteLength(body), etag: ETag.replaceAll('"', '') };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
