import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { DescribeClusterSubnetGroupsCommand } from '@aws-sdk/client-redshift';
import type { EnsuredResource } from '../../domain/facts.js';
import type { ClusterSpec } from '../../domain/input.js';
import { TerminalError } from '../errors.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';
import type { Deletion, DeletionRequest } from './deletion.js';
import { foreignResource } from './foreign-resource.js';
import { isCreatedBy, isOwned, mayDelete, ownerTags, securityGroupName } from './resource-tags.js';

type GroupClients = Pick<AwsClients, 'ec2' | 'redshift'>;

/** A CIDR block and the ports it reaches. */
interface Rule {
  readonly cidr: string;
  readonly permission: IpPermission;
}

/**
 * Makes sure of the cluster's security group: the port is open to the CIDRs named and to nothing else. A group of ours is adopted and
 * what is no longer named is revoked.
 *
 * @throws TerminalError of kind `foreignResource` for a group of that name without our tag
 */
export async function ensureSecurityGroup(
  clients: GroupClients,
  request: { readonly cluster: ClusterSpec; readonly createdBy: string; readonly signal?: AbortSignal | undefined },
): Promise<EnsuredResource> {
  const { cluster, createdBy, signal } = request;
  const { identifier } = cluster;
  const name = securityGroupName(identifier);
  try {
    const vpcId = await findVpc(clients, cluster, signal);
    const found = await findGroup(clients, { name, vpcId, signal });
    const group = found ?? (await createGroup(clients, { ...request, name, vpcId }));
    if (!isOwned(group.Tags, identifier)) throw foreignResource({ what: 'Security group', name, identifier });
    await reconcileIngress(clients, { group, cluster, signal });
    return { id: group.GroupId ?? '', created: isCreatedBy(group.Tags, createdBy) };
  } catch (error) {
    signal?.throwIfAborted();
    throw toAwsError(error, { action: `Making sure of security group ${name}`, resource: name });
  }
}

/**
 * Deletes the cluster's security groups whose tags allow it, in whatever VPC. Gone already: `deleted: false`; none but somebody else's:
 * `foreign` as well.
 */
export async function deleteSecurityGroup(
  { ec2 }: Pick<AwsClients, 'ec2'>,
  request: DeletionRequest,
): Promise<Deletion> {
  const { identifier, signal } = request;
  const name = securityGroupName(identifier);
  const options = callOptions(signal);
  try {
    const { SecurityGroups = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [name] }] }),
      options,
    );
    const ours = SecurityGroups.filter((group) => mayDelete(group.Tags, request));
    for (const { GroupId } of ours) await ec2.send(new DeleteSecurityGroupCommand({ GroupId }), options);
    if (ours.length > 0) return { deleted: true };
    return SecurityGroups.length > 0 ? { deleted: false, foreign: true } : { deleted: false };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && error.name === 'InvalidGroup.NotFound') return { deleted: false };
    throw toAwsError(error, { action: `Deleting security group ${name}`, resource: name });
  }
}

async function findVpc(
  { ec2, redshift }: GroupClients,
  cluster: ClusterSpec,
  abortSignal?: AbortSignal,
): Promise<string> {
  if (cluster.vpcId !== undefined) return cluster.vpcId;
  if (cluster.subnetGroup !== undefined) {
    const { ClusterSubnetGroups } = await redshift.send(
      new DescribeClusterSubnetGroupsCommand({ ClusterSubnetGroupName: cluster.subnetGroup }),
      callOptions(abortSignal),
    );
    const vpcId = ClusterSubnetGroups?.[0]?.VpcId;
    if (vpcId !== undefined) return vpcId;
  }
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
    callOptions(abortSignal),
  );
  const vpcId = Vpcs?.[0]?.VpcId;
  if (vpcId !== undefined) return vpcId;
  throw new TerminalError({
    kind: 'awsTerminal',
    message:
      'This account has no default VPC in this region. Name one in the input: "cluster": {"vpcId": "...", "subnetGroup": "..."}.',
    resource: cluster.identifier,
  });
}

async function findGroup(
  { ec2 }: GroupClients,
  request: { readonly name: string; readonly vpcId: string; readonly signal: AbortSignal | undefined },
): Promise<SecurityGroup | undefined> {
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'group-name', Values: [request.name] },
        { Name: 'vpc-id', Values: [request.vpcId] },
      ],
    }),
    callOptions(request.signal),
  );
  return SecurityGroups?.[0];
}

async function createGroup(
  clients: GroupClients,
  request: {
    readonly cluster: ClusterSpec;
    readonly name: string;
    readonly vpcId: string;
    readonly createdBy: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SecurityGroup> {
  const { cluster, name, vpcId, createdBy, signal } = request;
  const tags = ownerTags(cluster.identifier, createdBy);
  try {
    const { GroupId } = await clients.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: name,
        Description: `Clients of Redshift cluster ${cluster.identifier}`,
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
      }),
      callOptions(signal),
    );
    return { ...(GroupId === undefined ? {} : { GroupId }), Tags: tags, IpPermissions: [] };
  } catch (error) {
    // Made meanwhile: by an attempt whose answer was lost, or by somebody else; the tags tell.
    const isDuplicate = error instanceof Error && error.name === 'InvalidGroup.Duplicate';
    const found = isDuplicate ? await findGroup(clients, { name, vpcId, signal }) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

async function reconcileIngress(
  { ec2 }: GroupClients,
  request: { readonly group: SecurityGroup; readonly cluster: ClusterSpec; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { group, cluster, signal } = request;
  const wanted = cluster.ingress.map((cidr) => toRule(cidr, cluster.port));
  const present = (group.IpPermissions ?? []).flatMap(toRules);
  const surplus = present.filter((rule) => !wanted.some((other) => isSame(rule, other)));
  const missing = wanted.filter((rule) => !present.some((other) => isSame(rule, other)));
  const GroupId = group.GroupId;
  const options = callOptions(signal);
  for (const { permission } of surplus) {
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }), options);
  }
  for (const { permission } of missing) {
    try {
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }), options);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'InvalidPermission.Duplicate')) throw error;
    }
  }
}

function toRule(cidr: string, port: number): Rule {
  const ports = { IpProtocol: 'tcp', FromPort: port, ToPort: port };
  const ranges = cidr.includes(':')
    ? { Ipv6Ranges: [{ CidrIpv6: cidr, Description: 'Starshift' }] }
    : { IpRanges: [{ CidrIp: cidr, Description: 'Starshift' }] };
  return { cidr, permission: { ...ports, ...ranges } };
}

/** EC2 groups ranges of the same ports; each is a rule of its own here. Other sources (groups, prefix lists) count as well. */
function toRules(permission: IpPermission): Rule[] {
  const { IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [], ...ports } = permission;
  return [
    ...IpRanges.map((range) => ({ cidr: range.CidrIp ?? '', permission: { ...ports, IpRanges: [range] } })),
    ...Ipv6Ranges.map((range) => ({ cidr: range.CidrIpv6 ?? '', permission: { ...ports, Ipv6Ranges: [range] } })),
    ...UserIdGroupPairs.map((pair) => ({
      cidr: pair.GroupId ?? '',
      permission: { ...ports, UserIdGroupPairs: [pair] },
    })),
    ...PrefixListIds.map((list) => ({
      cidr: list.PrefixListId ?? '',
      permission: { ...ports, PrefixListIds: [list] },
    })),
  ];
}

function isSame(left: Rule, right: Rule): boolean {
  const { permission: a } = left;
  const { permission: b } = right;
  return (
    left.cidr === right.cidr && a.IpProtocol === b.IpProtocol && a.FromPort === b.FromPort && a.ToPort === b.ToPort
  );
}
