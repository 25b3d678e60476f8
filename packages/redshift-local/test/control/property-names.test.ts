import assert from 'node:assert/strict';
import { CreateTagsCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import {
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
} from '@aws-sdk/client-redshift';
import { matchesPattern } from '../../src/control/iam/policy-document.js';
import { LocalPlane } from './fixture/local-plane.js';

const POLICY =
  '{"Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const NEW = { NodeType: 'ra3.large', MasterUsername: 'admin', MasterUserPassword: 'Sparkify2018' };

describe('names that are properties of every object', () => {
  const local = new LocalPlane();

  before(() => local.start());
  after(() => local.remove());

  for (const RoleName of ['constructor', '__proto__']) {
    it(`are roles, policies and tags like any other: ${RoleName}`, async () => {
      const { iam } = local.clients();
      await assert.rejects(iam.send(new GetRoleCommand({ RoleName })), { name: 'NoSuchEntityException' });
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: POLICY }));
      const policy = { RoleName, PolicyName: 'toString' };
      await assert.rejects(iam.send(new GetRolePolicyCommand(policy)), { name: 'NoSuchEntityException' });
      await assert.rejects(iam.send(new DeleteRolePolicyCommand(policy)), { name: 'NoSuchEntityException' });
      await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: POLICY }));
      await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: '__proto__', Value: 'v' }] }));
      await local.stop();
      await local.start();
      const again = local.clients().iam;
      assert.equal((await again.send(new GetRoleCommand({ RoleName }))).Role?.RoleName, RoleName);
      const { Tags } = await again.send(new ListRoleTagsCommand({ RoleName }));
      assert.deepEqual(Tags, [{ Key: '__proto__', Value: 'v' }]);
      const { PolicyDocument } = await again.send(new GetRolePolicyCommand(policy));
      assert.equal(decodeURIComponent(PolicyDocument ?? ''), POLICY);
    });
  }

  it('are clusters and snapshots like any other', async () => {
    const { redshift } = local.clients();
    const named = { ClusterIdentifier: 'constructor' };
    for (const ClusterIdentifier of ['constructor', '__proto__', 'toString']) {
      const question = new DescribeClustersCommand({ ClusterIdentifier });
      await assert.rejects(redshift.send(question), { name: 'ClusterNotFoundFault' });
    }
    await redshift.send(new CreateClusterCommand({ ...named, ...NEW }));
    await local.clusterIn('constructor', 'available');
    const unknown = new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: 'valueof' });
    await assert.rejects(redshift.send(unknown), { name: 'ClusterSnapshotNotFoundFault' });
    await redshift.send(new DeleteClusterCommand({ ...named, FinalClusterSnapshotIdentifier: 'constructor' }));
    await local.clusterGone('constructor');
    const { Snapshots } = await redshift.send(
      new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: 'constructor' }),
    );
    assert.equal(Snapshots?.[0]?.Status, 'available');
  });

  it('are unknown resources, filters and roles of a cluster', async () => {
    const { ec2, redshift } = local.clients();
    const tags = new CreateTagsCommand({ Resources: ['constructor'], Tags: [{ Key: 'a', Value: 'b' }] });
    await assert.rejects(ec2.send(tags), { name: 'InvalidID' });
    for (const Name of ['constructor', 'tag:constructor']) {
      const { SecurityGroups } = await ec2.send(
        new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: ['*'] }] }),
      );
      assert.deepEqual(SecurityGroups ?? [], []);
    }
    const IamRoles = ['arn:aws:iam::000000000000:role/valueOf'];
    const input = { ClusterIdentifier: 'other', ...NEW, IamRoles };
    await assert.rejects(redshift.send(new CreateClusterCommand(input)), { name: 'InvalidParameterValue' });
  });
});

describe("IAM's wildcards", () => {
  const cases: readonly [string, string, boolean][] = [
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['arn:aws:s3:::b/*.json', 'arn:aws:s3:::b/x/y.json', true],
    ['arn:aws:s3:::b/*.json', 'arn:aws:s3:::b/x/y.jsonl', false],
    ['*ab*ab', 'abxab', true],
    ['*ab*ab', 'abab', true],
    ['*ab*ab', 'aab', false],
    ['a.c', 'abc', false],
    ['s3:Get*', 's3:GetObject', true],
    ['a**', 'a', true],
    ['a*?', 'a', false],
    ['line*end', 'line\nend', true],
  ];
  for (const [pattern, value, matches] of cases) {
    it(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(value)}`, () => {
      assert.equal(matchesPattern(pattern, value), matches);
    });
  }

  // A regular expression would not end within the time of a test.
  it('are matched without trying every way to split the text', () => {
    assert.equal(matchesPattern(`${'*a'.repeat(30)}!`, 'a'.repeat(1000)), false);
  });
});
