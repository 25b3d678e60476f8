import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { adoptEnvironment } from '../../config.js';
import { answers } from '../../local-stack/ports.js';
import { type Destination, openClient } from '../connect.js';
import { listPollers } from '../task-queue-pollers.js';
import { type Finding, findings, firstLine } from './finding.js';

const { ok, skipped, warning, broken } = findings('reachable');
const ENDPOINT_WITHIN_MS = 5_000;
const START_FIX = 'Start the local stack in another terminal: npx starshift local.';

/** Tries what the settings point to: Temporal and its workers, AWS credentials, S3, the clusters and their endpoints. Reads only. */
export async function inspectServices(destination: Destination): Promise<readonly Finding[]> {
  const isNamed = destination.config.temporal.configured;
  const temporal = isNamed
    ? await inspectTemporal(destination)
    : [skipped('temporal', `no TEMPORAL_ADDRESS is set and no local stack runs here. ${START_FIX}`)];
  const isAwsNamed = [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ].some((name) => (destination.environment[name] ?? '') !== '');
  if (!isAwsNamed)
    return [...temporal, skipped('aws', `no AWS credentials are set and no local stack runs here. ${START_FIX}`)];
  adoptEnvironment(destination.environment);
  const aws = await Promise.all([inspectCredentials(), inspectS3(destination), inspectClusters()]);
  return [...temporal, ...aws.flat()];
}

async function inspectTemporal({ config, uiUrl }: Destination): Promise<Finding[]> {
  const { address, namespace } = config.temporal;
  try {
    const client = await openClient(config.temporal);
    try {
      await client.workflowService.describeNamespace({ namespace });
      const pollers = await listPollers(client, config.taskQueue);
      const ui = uiUrl === undefined ? '' : `, Web UI ${uiUrl}`;
      return [ok('temporal', `${address}, namespace ${namespace}${ui}`), workers(config.taskQueue, pollers)];
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    return [
      broken(
        'temporal',
        firstLine(error),
        'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the profile in temporal.toml.',
      ),
    ];
  }
}

function workers(taskQueue: string, pollers: readonly string[]): Finding {
  if (pollers.length > 0) return ok('worker', `${pollers.join(', ')} on task queue ${taskQueue}`);
  return warning('worker', `none polls task queue ${taskQueue}: runs will wait`, 'Start one: npx starshift worker.');
}

async function inspectCredentials(): Promise<Finding[]> {
  const client = new STSClient({ maxAttempts: 2 });
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return [ok('aws credentials', Arn ?? 'accepted')];
  } catch (error) {
    return [
      broken(
        'aws credentials',
        firstLine(error),
        'Check AWS_PROFILE or the keys, and AWS_REGION; `aws sts get-caller-identity` tells the same.',
      ),
    ];
  } finally {
    client.destroy();
  }
}

async function inspectS3({ config }: Destination): Promise<Finding[]> {
  const client = new S3Client({ maxAttempts: 2, forcePathStyle: config.s3PathStyle });
  try {
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    const count = Buckets?.length ?? 0;
    return [ok('s3', `${count} bucket${count === 1 ? '' : 's'}`)];
  } catch (error) {
    // Least privilege often leaves this call out; the source's own bucket may well be readable.
    if (error instanceof Error && error.name === 'AccessDenied')
      return [ok('s3', 'answers; listing all buckets is not allowed')];
    return [broken('s3', firstLine(error), 'Check AWS_ENDPOINT_URL_S3, AWS_REGION and the credentials.')];
  } finally {
    client.destroy();
  }
}

async function inspectClusters(): Promise<Finding[]> {
  const client = new RedshiftClient({ maxAttempts: 2 });
  try {
    const { Clusters = [] } = await client.send(new DescribeClustersCommand({}));
    if (Clusters.length === 0) return [ok('redshift', 'answers; no cluster yet')];
    return await Promise.all(
      Clusters.map(({ ClusterIdentifier = '', ClusterStatus = '', Endpoint }) =>
        inspectEndpoint({
          cluster: ClusterIdentifier,
          status: ClusterStatus,
          host: Endpoint?.Address,
          port: Endpoint?.Port,
        }),
      ),
    );
  } catch (error) {
    return [
      broken(
        'redshift',
        firstLine(error),
        'Check AWS_ENDPOINT_URL_REDSHIFT, AWS_REGION, and that redshift:DescribeClusters is allowed.',
      ),
    ];
  } finally {
    client.destroy();
  }
}

async function inspectEndpoint(request: {
  readonly cluster: string;
  readonly status: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
}): Promise<Finding> {
  const { cluster, status, host, port } = request;
  const name = `cluster ${cluster}`;
  if (host === undefined || port === undefined || status !== 'available') return ok(name, status);
  if (await answers({ host, port, timeoutMs: ENDPOINT_WITHIN_MS })) return ok(name, `${status} at ${host}:${port}`);
  const fix =
    'Check that this machine is in its network: security group, VPC or VPN, and whether it is publicly accessible.';
  return warning(name, `${status}, but ${host}:${port} does not answer from here`, fix);
}
