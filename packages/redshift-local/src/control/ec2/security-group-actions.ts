import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import type { QueryParams } from '../aws/query-params.js';
import type { XmlRecord } from '../aws/xml.js';
import { type AwsAccount, arnOf } from '../state/account.js';
import type { SecurityGroupRecord, Tags } from '../state/control-state.js';
import { record } from '../state/record.js';
import type { StateStore } from '../state/state-store.js';
import { readTags, tagList } from '../state/tags.js';
import { matchesFilters } from './ec2-filters.js';
import { ec2Id, ingressXml, isSameRule, readIngressRules } from './ingress-rules.js';
import { DEFAULT_GROUP_ID, VPC_ID } from './network.js';

/** What the EC2 actions work on. */
export interface Ec2Context {
  readonly store: StateStore;
  readonly account: AwsAccount;
}

const DEFAULT_GROUP: SecurityGroupRecord = {
  id: DEFAULT_GROUP_ID,
  name: 'default',
  description: 'default VPC security group',
  vpcId: VPC_ID,
  ingress: [],
  tags: {},
};

/** Security groups and their ingress rules. */
export function securityGroupActions(context: Ec2Context): Record<string, QueryAction> {
  return {
    CreateSecurityGroup: (params) => createGroup(context, params),
    DescribeSecurityGroups: (params) => describeGroups(context, params),
    AuthorizeSecurityGroupIngress: (params) => authorizeIngress(context, params),
    RevokeSecurityGroupIngress: (params) => revokeIngress(context, params),
    DeleteSecurityGroup: (params) => deleteGroup(context, params),
  };
}

/** Tags that a creating action gives to resources of one type. */
export function tagSpecification(params: QueryParams, type: string): Tags {
  const specification = params.structs('TagSpecification').find((candidate) => candidate.text('ResourceType') === type);
  return specification === undefined ? record() : readTags(specification, 'Tag');
}

function createGroup({ store, account }: Ec2Context, params: QueryParams): XmlRecord {
  const [name, description] = [params.required('GroupName'), params.required('GroupDescription')];
  const vpcId = params.text('VpcId') ?? VPC_ID;
  if (vpcId !== VPC_ID) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  if (name.startsWith('sg-') || name.length > 255) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid group name "${name}": at most 255 characters, not beginning with sg-`,
    );
  }
  if (name === 'default' || Object.values(store.state.securityGroups).some((group) => group.name === name)) {
    const message = `The security group '${name}' already exists for VPC '${vpcId}'`;
    throw new AwsError('InvalidGroup.Duplicate', message);
  }
  const group = {
    id: ec2Id('sg'),
    name,
    description,
    vpcId,
    ingress: [],
    tags: tagSpecification(params, 'security-group'),
  };
  store.state.securityGroups[group.id] = group;
  store.save();
  return {
    return: true,
    groupId: group.id,
    tagSet: { item: lowerCaseTags(group.tags) },
    securityGroupArn: arnOf.securityGroup(account, group.id),
  };
}

function describeGroups(context: Ec2Context, params: QueryParams): XmlRecord {
  const [ids, names] = [params.list('GroupId'), params.list('GroupName')];
  for (const id of ids) findGroup(context, id);
  const groups = [DEFAULT_GROUP, ...Object.values(context.store.state.securityGroups)];
  for (const name of names) {
    if (!groups.some((group) => group.name === name)) {
      throw new AwsError(
        'InvalidGroup.NotFound',
        `The security group '${name}' does not exist in default VPC '${VPC_ID}'`,
      );
    }
  }
  const found = groups.filter(
    (group) =>
      (ids.length === 0 || ids.includes(group.id)) &&
      (names.length === 0 || names.includes(group.name)) &&
      matchesFilters(filterable(context, group), params),
  );
  return { securityGroupInfo: { item: found.map((group) => groupXml(context, group)) } };
}

function authorizeIngress(context: Ec2Context, params: QueryParams): XmlRecord {
  const group = groupOf(context, params);
  const added = readIngressRules(params);
  const duplicate = added.find((rule) => group.ingress.some((present) => isSameRule(present, rule)));
  if (duplicate !== undefined) {
    const peer = duplicate.cidr ?? duplicate.cidrV6 ?? duplicate.groupId;
    throw new AwsError(
      'InvalidPermission.Duplicate',
      `the specified rule "peer: ${peer}, ${duplicate.protocol}" already exists`,
    );
  }
  replaceGroup(context, { ...group, ingress: [...group.ingress, ...added] });
  const rules = added.map((rule) => ({
    securityGroupRuleId: rule.id,
    groupId: group.id,
    groupOwnerId: context.account.id,
    isEgress: false,
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort,
    toPort: rule.toPort,
    cidrIpv4: rule.cidr,
    cidrIpv6: rule.cidrV6,
    description: rule.description,
  }));
  return { return: true, securityGroupRuleSet: { item: rules } };
}

function revokeIngress(context: Ec2Context, params: QueryParams): XmlRecord {
  const group = groupOf(context, params);
  const ids = params.list('SecurityGroupRuleId');
  const removed = ids.length > 0 ? [] : readIngressRules(params);
  const isRevoked = (rule: SecurityGroupRecord['ingress'][number]): boolean =>
    ids.includes(rule.id) || removed.some((candidate) => isSameRule(candidate, rule));
  const ingress = group.ingress.filter((rule) => !isRevoked(rule));
  if (ingress.length === group.ingress.length) {
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  replaceGroup(context, { ...group, ingress });
  return { return: true };
}

function deleteGroup(context: Ec2Context, params: QueryParams): XmlRecord {
  const { id, name } = groupOf(context, params);
  if (id === DEFAULT_GROUP_ID) {
    throw new AwsError('CannotDelete', `the specified group: "${id}" name: "${name}" cannot be deleted by a user`);
  }
  const { clusters, securityGroups } = context.store.state;
  const used =
    Object.values(clusters).some(({ securityGroupIds }) => securityGroupIds.includes(id)) ||
    Object.values(securityGroups).some(
      (other) => other.id !== id && other.ingress.some(({ groupId }) => groupId === id),
    );
  if (used) throw new AwsError('DependencyViolation', `resource ${id} has a dependent object`);
  delete securityGroups[id];
  context.store.save();
  return { return: true, groupId: id };
}

function groupOf(context: Ec2Context, params: QueryParams): SecurityGroupRecord {
  const name = params.text('GroupName');
  if (params.has('GroupId') || name === undefined) return findGroup(context, params.required('GroupId'));
  const group = Object.values(context.store.state.securityGroups).find((candidate) => candidate.name === name);
  if (group === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
  return group;
}

function findGroup({ store }: Ec2Context, id: string): SecurityGroupRecord {
  const group = id === DEFAULT_GROUP_ID ? DEFAULT_GROUP : store.state.securityGroups[id];
  if (group !== undefined) return group;
  if (!/^sg-[0-9a-f]+$/.test(id))
    throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
  throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}

function replaceGroup({ store }: Ec2Context, group: SecurityGroupRecord): void {
  if (group.id === DEFAULT_GROUP_ID) {
    throw new AwsError(
      'UnauthorizedOperation',
      'redshift-local does not change the default security group: create one.',
      403,
    );
  }
  store.state.securityGroups[group.id] = group;
  store.save();
}

function filterable({ account }: Ec2Context, group: SecurityGroupRecord) {
  return {
    tags: group.tags,
    fields: {
      'group-id': group.id,
      'group-name': group.name,
      description: group.description,
      'vpc-id': group.vpcId,
      'owner-id': account.id,
      'ip-permission.cidr': group.ingress.flatMap(({ cidr }) => cidr ?? []),
    },
  };
}

function groupXml({ account }: Ec2Context, group: SecurityGroupRecord): XmlRecord {
  const everywhere = { item: { cidrIp: '0.0.0.0/0' } };
  return {
    ownerId: account.id,
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    vpcId: group.vpcId,
    ipPermissions: { item: ingressXml(group.ingress) },
    ipPermissionsEgress: { item: { ipProtocol: '-1', groups: {}, ipRanges: everywhere, ipv6Ranges: {} } },
    tagSet: { item: lowerCaseTags(group.tags) },
    securityGroupArn: arnOf.securityGroup(account, group.id),
  };
}

function lowerCaseTags(tags: Tags): XmlRecord[] {
  return tagList(tags).map(({ Key, Value }) => ({ key: Key, value: Value }));
}
