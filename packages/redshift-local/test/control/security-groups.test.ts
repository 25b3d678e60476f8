import assert from 'node:assert/strict';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { CreateClusterCommand, DeleteClusterCommand } from '@aws-sdk/client-redshift';
import { LocalPlane } from './fixture/local-plane.js';

const RULE = {
  IpProtocol: 'tcp',
  FromPort: 5439,
  ToPort: 5439,
  IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
};

describe('EC2 security groups', () => {
  const local = new LocalPlane();
  let GroupId = '';

  before(() => local.start());
  after(() => local.remove());

  it('creates a tagged group in the default VPC, once', async () => {
    const { ec2 } = local.clients();
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
    const VpcId = Vpcs?.[0]?.VpcId;
    const group = {
      GroupName: 'loaders',
      Description: 'for the loads',
      VpcId,
      TagSpecifications: [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'project', Value: 'starshift' }] }],
    };
    GroupId = (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId ?? '';
    assert.match(GroupId, /^sg-[0-9a-f]{17}$/);
    await assert.rejects(ec2.send(new CreateSecurityGroupCommand(group)), { name: 'InvalidGroup.Duplicate' });
  });

  it('finds groups by filters', async () => {
    const { ec2 } = local.clients();
    const find = async (Name: string, value: string) => {
      const found = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [value] }] }));
      return found.SecurityGroups?.map(({ GroupName }) => GroupName);
    };
    assert.deepEqual(await find('group-name', 'loaders'), ['loaders']);
    assert.deepEqual(await find('tag:project', 'star*'), ['loaders']);
    assert.deepEqual(await find('tag:project', 'other'), []);
    const unknown = new DescribeSecurityGroupsCommand({ GroupIds: ['sg-00000000000000000'] });
    await assert.rejects(ec2.send(unknown), { name: 'InvalidGroup.NotFound' });
  });

  it('lets sources in and shuts them out again', async () => {
    const { ec2 } = local.clients();
    const ingress = { GroupId, IpPermissions: [RULE] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(ingress));
    await assert.rejects(ec2.send(new AuthorizeSecurityGroupIngressCommand(ingress)), {
      name: 'InvalidPermission.Duplicate',
    });
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    assert.deepEqual(SecurityGroups?.[0]?.IpPermissions?.[0]?.IpRanges, RULE.IpRanges);
    await ec2.send(new RevokeSecurityGroupIngressCommand(ingress));
    await assert.rejects(ec2.send(new RevokeSecurityGroupIngressCommand(ingress)), {
      name: 'InvalidPermission.NotFound',
    });
    const wrong = { GroupId, IpPermissions: [{ ...RULE, IpRanges: [{ CidrIp: '10.0.0.0/33' }] }] };
    await assert.rejects(ec2.send(new AuthorizeSecurityGroupIngressCommand(wrong)), { name: 'InvalidParameterValue' });
  });

  it('does not delete a group that a cluster uses', async () => {
    const { ec2, redshift } = local.clients();
    const id = { ClusterIdentifier: 'user' };
    await redshift.send(
      new CreateClusterCommand({
        ...id,
        NodeType: 'rg.large',
        MasterUsername: 'admin',
        ManageMasterPassword: true,
        VpcSecurityGroupIds: [GroupId],
      }),
    );
    await assert.rejects(ec2.send(new DeleteSecurityGroupCommand({ GroupId })), { name: 'DependencyViolation' });
    await local.clusterIn('user', 'available');
    await redshift.send(new DeleteClusterCommand({ ...id, SkipFinalClusterSnapshot: true }));
    await local.clusterGone('user');
  });

  it('tags and deletes groups', async () => {
    const { ec2 } = local.clients();
    await ec2.send(new CreateTagsCommand({ Resources: [GroupId], Tags: [{ Key: 'run', Value: '7' }] }));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    assert.deepEqual(SecurityGroups?.[0]?.Tags, [
      { Key: 'project', Value: 'starshift' },
      { Key: 'run', Value: '7' },
    ]);
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    await assert.rejects(ec2.send(new DeleteSecurityGroupCommand({ GroupId })), { name: 'InvalidGroup.NotFound' });
  });

  it('lists the subnets of the default VPC', async () => {
    const { Subnets } = await local.clients().ec2.send(new DescribeSubnetsCommand({}));
    assert.deepEqual(
      Subnets?.map(({ AvailabilityZone }) => AvailabilityZone),
      ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    );
  });
});
