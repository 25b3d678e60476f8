import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  ListRolePoliciesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { EnsuredResource } from '../../domain/facts.js';
import type { Source } from '../../domain/input.js';
import { folderUrl, parseS3Url, workspaceUrl } from '../s3/s3-url.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { type CallOptions, callOptions } from './call-options.js';
import type { Deletion, DeletionRequest } from './deletion.js';
import { foreignResource } from './foreign-resource.js';
import { isCreatedBy, isOwned, loadRoleName, mayDelete, ownerTags, type ResourceTag } from './resource-tags.js';

const POLICY_NAME = 'starshift-read-source';

const TRUST_REDSHIFT = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

interface FoundRole {
  readonly arn: string;
  readonly tags: readonly ResourceTag[];
}

/**
 * Makes sure of the role that COPY assumes: trusted by Redshift only, allowed to read the source and the workspace only. A role of ours
 * is adopted and its policy brought up to date.
 *
 * @throws TerminalError of kind `foreignResource` for a role of that name without our tag
 */
export async function ensureLoadRole(
  clients: Pick<AwsClients, 'iam' | 'sts'>,
  request: {
    readonly identifier: string;
    readonly source: Source;
    readonly createdBy: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<EnsuredResource> {
  const { identifier, source, createdBy, signal } = request;
  const name = loadRoleName(identifier);
  const options = callOptions(signal);
  try {
    const policy = readPolicy(source, await partition(clients, options));
    const role = (await findRole(clients, name, options)) ?? (await createRole(clients, { ...request, name }));
    if (!isOwned(role.tags, identifier)) throw foreignResource({ what: 'IAM role', name, identifier });
    await clients.iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: POLICY_NAME, PolicyDocument: JSON.stringify(policy) }),
      options,
    );
    return { id: role.arn, created: isCreatedBy(role.tags, createdBy) };
  } catch (error) {
    signal?.throwIfAborted();
    throw toAwsError(error, { action: `Making sure of IAM role ${name}`, resource: name });
  }
}

/** Deletes the role if its tags allow it. Gone already: `deleted: false`; somebody else's: `foreign` as well. */
export async function deleteLoadRole(clients: Pick<AwsClients, 'iam'>, request: DeletionRequest): Promise<Deletion> {
  const name = loadRoleName(request.identifier);
  const options = callOptions(request.signal);
  try {
    const role = await findRole(clients, name, options);
    if (role === undefined) return { deleted: false };
    if (!mayDelete(role.tags, request)) return { deleted: false, foreign: true };
    const { PolicyNames = [] } = await clients.iam.send(new ListRolePoliciesCommand({ RoleName: name }), options);
    for (const PolicyName of PolicyNames) {
      await clients.iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }), options);
    }
    await clients.iam.send(new DeleteRoleCommand({ RoleName: name }), options);
    return { deleted: true };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (isNamed(error, 'NoSuchEntity')) return { deleted: false };
    throw toAwsError(error, { action: `Deleting IAM role ${name}`, resource: name });
  }
}

async function createRole(
  clients: Pick<AwsClients, 'iam'>,
  request: {
    readonly name: string;
    readonly identifier: string;
    readonly createdBy: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<FoundRole> {
  const { name, identifier, createdBy, signal } = request;
  const tags = ownerTags(identifier, createdBy);
  const options = callOptions(signal);
  try {
    const { Role } = await clients.iam.send(
      new CreateRoleCommand({
        RoleName: name,
        Description: `COPY of Starshift on cluster ${identifier}`,
        AssumeRolePolicyDocument: JSON.stringify(TRUST_REDSHIFT),
        Tags: tags,
      }),
      options,
    );
    return { arn: Role?.Arn ?? '', tags };
  } catch (error) {
    // Made meanwhile: by an attempt whose answer was lost, or by somebody else; the tags tell.
    const found = isNamed(error, 'EntityAlreadyExists') ? await findRole(clients, name, options) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

async function findRole(
  { iam }: Pick<AwsClients, 'iam'>,
  name: string,
  options: CallOptions,
): Promise<FoundRole | undefined> {
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }), options);
    const { Tags = [] } = await iam.send(new ListRoleTagsCommand({ RoleName: name }), options);
    return { arn: Role?.Arn ?? '', tags: Tags };
  } catch (error) {
    if (isNamed(error, 'NoSuchEntity')) return undefined;
    throw error;
  }
}

/** `aws`, `aws-cn` or `aws-us-gov`: what ARNs of this account begin with. */
async function partition({ sts }: Pick<AwsClients, 'sts'>, options: CallOptions): Promise<string> {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}), options);
  return Arn?.split(':')[1] ?? 'aws';
}

/** Least privilege for COPY from a manifest (DG "IAM permissions for COPY"): find the buckets, list and read the two folders. */
function readPolicy(source: Source, awsPartition: string): object {
  const places = [folderUrl(source.url), workspaceUrl(source)].map(parseS3Url);
  const bucketArn = (bucket: string): string => `arn:${awsPartition}:s3:::${bucket}`;
  const buckets = [...new Set(places.map(({ bucket }) => bucketArn(bucket)))];
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: buckets },
      ...places.map(({ bucket, key }) => ({
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucketArn(bucket),
        ...(key === '' ? {} : { Condition: { StringLike: { 's3:prefix': `${key}*` } } }),
      })),
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: places.map(({ bucket, key }) => `${bucketArn(bucket)}/${key}*`),
      },
    ],
  };
}

/** IAM's errors are called NoSuchEntityException by the SDK and NoSuchEntity by the service. */
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name.replace(/Exception$/, '') === name;
}
