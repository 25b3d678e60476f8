import assert from 'node:assert/strict';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import {
  CreateClusterCommand,
  type CreateClusterCommandInput,
  CreateTagsCommand,
  DeleteClusterCommand,
  DeleteClusterSnapshotCommand,
  DeleteTagsCommand,
  DescribeClusterParameterGroupsCommand,
  DescribeClusterSubnetGroupsCommand,
  DescribeClustersCommand,
  DescribeOrderableClusterOptionsCommand,
  DescribeTagsCommand,
  GetClusterCredentialsCommand,
  GetClusterCredentialsWithIAMCommand,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
} from '@aws-sdk/client-redshift';
import { connect } from './fixture/connect.js';
import { LocalPlane } from './fixture/local-plane.js';

const VALID = {
  ClusterIdentifier: 'main',
  NodeType: 'ra3.xlplus',
  NumberOfNodes: 2,
  MasterUsername: 'admin',
  MasterUserPassword: 'Sparkify2018',
} satisfies CreateClusterCommandInput;
const ROLE_ARN = 'arn:aws:iam::000000000000:role/loader';
const CLUSTER_ARN = 'arn:aws:redshift:us-east-1:000000000000:cluster:main';
const TRUST = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

describe('the Redshift API', () => {
  const local = new LocalPlane();

  before(async () => {
    await local.start();
    const { redshift, iam } = local.clients();
    await iam.send(new CreateRoleCommand({ RoleName: 'loader', AssumeRolePolicyDocument: TRUST }));
    const attached = {
      IamRoles: [ROLE_ARN],
      DefaultIamRoleArn: ROLE_ARN,
      Tags: [{ Key: 'project', Value: 'a & <b>' }],
    };
    await redshift.send(new CreateClusterCommand({ ...VALID, ...attached, DBName: 'sparkify' }));
    await local.clusterIn('main', 'available');
  });
  after(() => local.remove());

  it('shows all that was asked for', async () => {
    const { redshift } = local.clients();
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: 'MAIN' }));
    const cluster = Clusters?.[0];
    assert.deepEqual(cluster?.Tags, [{ Key: 'project', Value: 'a & <b>' }]);
    assert.deepEqual(cluster?.IamRoles, [{ IamRoleArn: ROLE_ARN, ApplyStatus: 'in-sync' }]);
    assert.deepEqual(
      [
        cluster?.DBName,
        cluster?.NumberOfNodes,
        cluster?.Encrypted,
        cluster?.PubliclyAccessible,
        cluster?.DefaultIamRoleArn,
      ],
      ['sparkify', 2, true, false, ROLE_ARN],
    );
    assert.deepEqual(
      cluster?.ClusterNodes?.map(({ NodeRole }) => NodeRole),
      ['LEADER', 'COMPUTE-0', 'COMPUTE-1'],
    );
    assert.ok(cluster?.ClusterCreateTime instanceof Date);
  });

  const refused: readonly [string, Partial<CreateClusterCommandInput>, string, RegExp][] = [
    ['a name that is taken', {}, 'ClusterAlreadyExistsFault', /main/],
    ['a database of PostgreSQL', { ClusterIdentifier: 'c', DBName: 'template1' }, 'InvalidParameterValue', /template1/],
    ['the database postgres', { ClusterIdentifier: 'c', DBName: 'postgres' }, 'InvalidParameterValue', /postgres/],
    ['nodes named like a property', { NodeType: 'constructor.x' }, 'InvalidParameterValue', /Invalid node type/],
    ['dc2 nodes', { NodeType: 'dc2.large' }, 'InvalidParameterValue', /since 2025-05-15/],
    ['unknown nodes', { NodeType: 'ra9.huge' }, 'InvalidParameterValue', /ra3\.large/],
    [
      'an identifier with two hyphens in a row',
      { ClusterIdentifier: 'a--b' },
      'InvalidParameterValue',
      /ClusterIdentifier/,
    ],
    ['a password without a digit', { MasterUserPassword: 'NoDigitsHere' }, 'InvalidParameterValue', /one digit/],
    [
      'a password and a managed one',
      { ManageMasterPassword: true },
      'InvalidParameterCombination',
      /MasterUserPassword/,
    ],
    ['a reserved user name', { MasterUsername: 'rdsdb' }, 'InvalidParameterValue', /MasterUsername/],
    [
      'one node in a multi-node cluster',
      { ClusterType: 'multi-node', NumberOfNodes: 1 },
      'InvalidParameterCombination',
      /2/,
    ],
    ['too many nodes', { NumberOfNodes: 1000 }, 'NumberOfNodesPerClusterLimitExceededFault', /at most/],
    ['a role that does not exist', { IamRoles: [`${ROLE_ARN}-x`] }, 'InvalidParameterValue', /loader-x/],
    ['a default role that is not attached', { DefaultIamRoleArn: ROLE_ARN }, 'InvalidParameterValue', /default/],
    ['a security group that does not exist', { VpcSecurityGroupIds: ['sg-1'] }, 'InvalidParameterValue', /sg-1/],
    ['a port outside the ranges', { Port: 6000 }, 'InvalidParameterValue', /5431-5455/],
    ['a subnet group that does not exist', { ClusterSubnetGroupName: 'x' }, 'ClusterSubnetGroupNotFoundFault', /x/],
  ];
  for (const [what, changes, name, message] of refused) {
    it(`refuses ${what}`, async () => {
      const isNameFree = what !== 'a name that is taken';
      const input = { ...VALID, ...(isNameFree && { ClusterIdentifier: 'other' }), ...changes };
      await assert.rejects(local.clients().redshift.send(new CreateClusterCommand(input)), (error: Error) => {
        assert.equal(error.name, name);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /NoDigitsHere/);
        return true;
      });
    });
  }

  it('does not know clusters and snapshots that are not there', async () => {
    const { redshift } = local.clients();
    const none = { ClusterIdentifier: 'none' };
    await assert.rejects(redshift.send(new DescribeClustersCommand(none)), { name: 'ClusterNotFoundFault' });
    await assert.rejects(redshift.send(new DeleteClusterCommand({ ...none, SkipFinalClusterSnapshot: true })), {
      name: 'ClusterNotFoundFault',
    });
    await assert.rejects(redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'none' })), {
      name: 'ClusterSnapshotNotFoundFault',
    });
  });

  it('wants to know about the final snapshot', async () => {
    const remove = new DeleteClusterCommand({ ClusterIdentifier: 'main' });
    await assert.rejects(local.clients().redshift.send(remove), { name: 'InvalidParameterCombination' });
  });

  it('adds, finds and removes tags', async () => {
    const { redshift } = local.clients();
    await redshift.send(new CreateTagsCommand({ ResourceName: CLUSTER_ARN, Tags: [{ Key: 'run', Value: '7' }] }));
    const { TaggedResources } = await redshift.send(new DescribeTagsCommand({ TagKeys: ['run'] }));
    assert.deepEqual(TaggedResources, [
      { Tag: { Key: 'run', Value: '7' }, ResourceName: CLUSTER_ARN, ResourceType: 'cluster' },
    ]);
    const found = await redshift.send(new DescribeClustersCommand({ TagKeys: ['run'], TagValues: ['7'] }));
    assert.deepEqual(
      found.Clusters?.map(({ ClusterIdentifier }) => ClusterIdentifier),
      ['main'],
    );
    await redshift.send(new DeleteTagsCommand({ ResourceName: CLUSTER_ARN, TagKeys: ['run'] }));
    assert.deepEqual((await redshift.send(new DescribeClustersCommand({ TagKeys: ['run'] }))).Clusters, []);
  });

  it('detaches and attaches roles', async () => {
    const { redshift } = local.clients();
    const id = { ClusterIdentifier: 'main' };
    const { Cluster } = await redshift.send(new ModifyClusterIamRolesCommand({ ...id, RemoveIamRoles: [ROLE_ARN] }));
    assert.deepEqual(
      [Cluster?.ClusterStatus, Cluster?.IamRoles, Cluster?.DefaultIamRoleArn],
      ['modifying', [], undefined],
    );
    await local.clusterIn('main', 'available');
    await redshift.send(
      new ModifyClusterIamRolesCommand({ ...id, AddIamRoles: [ROLE_ARN], DefaultIamRoleArn: ROLE_ARN }),
    );
    assert.equal((await local.clusterIn('main', 'available')).DefaultIamRoleArn, ROLE_ARN);
  });

  it('changes the admin password', async () => {
    const { redshift } = local.clients();
    await redshift.send(new ModifyClusterCommand({ ClusterIdentifier: 'main', MasterUserPassword: 'Changed2019' }));
    const cluster = await local.clusterIn('main', 'available');
    const login = (password: string) => connect(cluster, { username: 'admin', password }, local.plane.caFile);
    await assert.rejects(login('Sparkify2018'), { code: '28000' });
    await (await login('Changed2019')).end();
  });

  it('gives temporary credentials of a database user, who owns what the session creates', async () => {
    const { redshift } = local.clients();
    const cluster = await local.clusterIn('main', 'available');
    const request = { ClusterIdentifier: 'main', DbUser: 'analyst', AutoCreate: true };
    const answer = await redshift.send(new GetClusterCredentialsCommand(request));
    assert.equal(answer.DbUser, 'IAMA:analyst');
    assert.ok((answer.Expiration?.getTime() ?? 0) > Date.now());
    const login = { username: answer.DbUser ?? '', password: answer.DbPassword ?? '' };
    const client = await connect(cluster, login, local.plane.caFile);
    await client.query('create table mine (n int)');
    const { rows } = await client.query("select tableowner from pg_tables where tablename = 'mine'");
    assert.deepEqual(rows, [{ tableowner: 'analyst' }]);
    await client.end();
    const unknown = { ClusterIdentifier: 'main', DbUser: 'nobody' };
    await assert.rejects(redshift.send(new GetClusterCredentialsCommand(unknown)), /nobody does not exist/);
  });

  it('gives temporary credentials of the caller', async () => {
    const { redshift } = local.clients();
    const cluster = await local.clusterIn('main', 'available');
    const answer = await redshift.send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'main' }));
    assert.equal(answer.DbUser, 'IAM:redshift-local');
    const login = { username: answer.DbUser ?? '', password: answer.DbPassword ?? '' };
    await (await connect(cluster, login, local.plane.caFile)).end();
  });

  it('lists what every account has', async () => {
    const { redshift } = local.clients();
    const groups = await redshift.send(new DescribeClusterSubnetGroupsCommand({}));
    assert.equal(groups.ClusterSubnetGroups?.[0]?.Subnets?.length, 3);
    const parameters = await redshift.send(new DescribeClusterParameterGroupsCommand({}));
    assert.equal(parameters.ParameterGroups?.[0]?.ParameterGroupName, 'default.redshift-2.0');
    const options = await redshift.send(new DescribeOrderableClusterOptionsCommand({ NodeType: 'rg.large' }));
    assert.deepEqual(
      options.OrderableClusterOptions?.map(({ ClusterType }) => ClusterType),
      ['single-node', 'multi-node'],
    );
  });
});
