import assert from 'node:assert/strict';
import { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateClusterCommand,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  PauseClusterCommand,
} from '@aws-sdk/client-redshift';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Adapters } from '../../../src/adapters/adapters.js';
import { waitForClusterAvailable, waitForClusterDeleted } from '../../../src/adapters/aws/await-cluster.js';
import { deleteCluster } from '../../../src/adapters/aws/delete-cluster.js';
import { ensureCluster } from '../../../src/adapters/aws/ensure-cluster.js';
import { deleteLoadRole, ensureLoadRole } from '../../../src/adapters/aws/load-role.js';
import { resolveTarget } from '../../../src/adapters/aws/resolve-target.js';
import { loadRoleName } from '../../../src/adapters/aws/resource-tags.js';
import { deleteSecurityGroup, ensureSecurityGroup } from '../../../src/adapters/aws/security-group.js';
import { type ClusterSpec, type PasswordReference, provisionWarehouseInput } from '../../../src/domain/input.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../support/stack.js';
import { testAdapters, uniqueName, useStackEnvironment } from '../support/test-warehouse.js';

const SOURCE = { url: 's3://music/2018/', workspace: 's3://scratch/work/' };
const RUN = { createdBy: 'build-1/run-1' };

describe('provisioning', function () {
  this.timeout(120_000);
  let adapters: Adapters;
  let aws: Adapters['aws'];
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    const stack = await getTestStack({ temporal: false });
    restore = useStackEnvironment(stack);
    adapters = await testAdapters(stack);
    aws = adapters.aws;
  });

  after(() => {
    adapters?.close();
    restore();
  });

  function spec(identifier: string, change: object = {}): ClusterSpec {
    return provisionWarehouseInput.parse({ cluster: { identifier, ...change }, source: SOURCE }).cluster;
  }

  async function provision(cluster: ClusterSpec, run = RUN) {
    const role = await ensureLoadRole(aws, { identifier: cluster.identifier, source: SOURCE, ...run });
    const group = await ensureSecurityGroup(aws, { cluster, ...run });
    const request = { cluster, roleArn: role.id, securityGroupId: group.id, password: adapters.password, ...run };
    return { role, group, ensured: await ensureCluster(aws, request) };
  }

  async function tearDown(identifier: string) {
    const cluster = await deleteCluster(aws, { identifier });
    await waitForClusterDeleted(aws, { identifier });
    const group = await deleteSecurityGroup(aws, { identifier });
    const role = await deleteLoadRole(aws, { identifier });
    return [cluster.deleted, group.deleted, role.deleted];
  }

  describe('the load role', () => {
    it('is trusted by Redshift only and reads the source and the workspace only', async () => {
      const identifier = uniqueName('role-');
      const { id, created } = await ensureLoadRole(aws, { identifier, source: SOURCE, ...RUN });
      assert.equal(created, true);
      assert.match(id, new RegExp(`^arn:aws:iam::\\d{12}:role/starshift-${identifier}-load$`));
      const RoleName = loadRoleName(identifier);
      const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
      assert.deepEqual(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).Statement, [
        { Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
      const policy = await aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'starshift-read-source' }));
      assert.deepEqual(JSON.parse(decodeURIComponent(policy.PolicyDocument ?? '')).Statement, [
        { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: ['arn:aws:s3:::music', 'arn:aws:s3:::scratch'] },
        {
          ...{ Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::music' },
          Condition: { StringLike: { 's3:prefix': '2018/*' } },
        },
        {
          ...{ Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::scratch' },
          Condition: { StringLike: { 's3:prefix': 'work/*' } },
        },
        {
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: ['arn:aws:s3:::music/2018/*', 'arn:aws:s3:::scratch/work/*'],
        },
      ]);
    });

    it('reads the folder that the source names, not what else begins with its name', async () => {
      const identifier = uniqueName('role-');
      const source = { url: 's3://music/sparkify', workspace: 's3://scratch/work' };
      await ensureLoadRole(aws, { identifier, source, ...RUN });
      const policy = await aws.iam.send(
        new GetRolePolicyCommand({ RoleName: loadRoleName(identifier), PolicyName: 'starshift-read-source' }),
      );
      const [, listSource, listWorkspace, read] = JSON.parse(decodeURIComponent(policy.PolicyDocument ?? '')).Statement;
      assert.deepEqual(listSource.Condition, { StringLike: { 's3:prefix': 'sparkify/*' } });
      assert.deepEqual(listWorkspace.Condition, { StringLike: { 's3:prefix': 'work/*' } });
      assert.deepEqual(read.Resource, ['arn:aws:s3:::music/sparkify/*', 'arn:aws:s3:::scratch/work/*']);
      await deleteLoadRole(aws, { identifier });
    });

    it('is adopted when it is ours, and deleting it twice is harmless', async () => {
      const identifier = uniqueName('role-');
      await ensureLoadRole(aws, { identifier, source: SOURCE, ...RUN });
      assert.equal((await ensureLoadRole(aws, { identifier, source: SOURCE, ...RUN })).created, true);
      assert.equal((await ensureLoadRole(aws, { identifier, source: SOURCE, createdBy: 'other/run' })).created, false);
      assert.deepEqual(await deleteLoadRole(aws, { identifier }), { deleted: true });
      assert.deepEqual(await deleteLoadRole(aws, { identifier }), { deleted: false });
    });

    it("is refused, and kept, when it is somebody else's", async () => {
      const identifier = uniqueName('role-');
      const RoleName = loadRoleName(identifier);
      await aws.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST_EC2 }));
      await assert.rejects(ensureLoadRole(aws, { identifier, source: SOURCE, ...RUN }), {
        kind: 'foreignResource',
        message:
          `IAM role starshift-${identifier}-load exists and does not carry the tag starshift:cluster=${identifier}, so it is not Starshift's to use, change or delete. ` +
          'Choose another cluster identifier, or add the tag if it is yours.',
      });
      assert.deepEqual(await deleteLoadRole(aws, { identifier }), { deleted: false, foreign: true });
      assert.equal((await aws.iam.send(new GetRoleCommand({ RoleName }))).Role?.RoleName, RoleName);
    });

    it('stays when another run created it and only one of this run is to go', async () => {
      const identifier = uniqueName('role-');
      // Longer than a tag's value; the runs differ at the end.
      const workflow = 'w'.repeat(300);
      await ensureLoadRole(aws, { identifier, source: SOURCE, createdBy: `${workflow}/run-1` });
      const other = { identifier, onlyIfCreatedBy: `${workflow}/run-2` };
      assert.deepEqual(await deleteLoadRole(aws, other), { deleted: false, foreign: true });
      const own = { identifier, onlyIfCreatedBy: `${workflow}/run-1` };
      assert.deepEqual(await deleteLoadRole(aws, own), { deleted: true });
      assert.deepEqual(await deleteLoadRole(aws, own), { deleted: false });
    });

    it('has a name that IAM takes however long the identifier is', () => {
      const long = `c${'x'.repeat(62)}`;
      assert.equal(loadRoleName(long).length, 64);
      assert.notEqual(loadRoleName(long), loadRoleName(`${long.slice(0, 62)}y`));
      assert.equal(loadRoleName('music'), 'starshift-music-load');
    });
  });

  describe('the security group', () => {
    async function cidrs(groupId: string): Promise<readonly string[]> {
      const { SecurityGroups } = await aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [groupId] }));
      return (SecurityGroups?.[0]?.IpPermissions ?? []).flatMap((permission) =>
        [
          ...(permission.IpRanges ?? []).map((range) => range.CidrIp),
          ...(permission.Ipv6Ranges ?? []).map((range) => range.CidrIpv6),
        ].map((cidr) => `${permission.IpProtocol} ${permission.FromPort}-${permission.ToPort} ${cidr}`),
      );
    }

    it('lets nobody in unless the input names who', async () => {
      const { id, created } = await ensureSecurityGroup(aws, { cluster: spec(uniqueName('group-')), ...RUN });
      assert.equal(created, true);
      assert.deepEqual(await cidrs(id), []);
    });

    it('opens the port to the CIDRs named, and closes it to those that are no longer named', async () => {
      const identifier = uniqueName('group-');
      const first = spec(identifier, { port: 5440, ingress: ['10.0.0.0/16', '10.1.0.0/16', 'fd00::/8'] });
      const { id } = await ensureSecurityGroup(aws, { cluster: first, ...RUN });
      assert.deepEqual([...(await cidrs(id))].sort(), [
        'tcp 5440-5440 10.0.0.0/16',
        'tcp 5440-5440 10.1.0.0/16',
        'tcp 5440-5440 fd00::/8',
      ]);
      const second = spec(identifier, { port: 5440, ingress: ['10.1.0.0/16', '192.168.0.0/24'] });
      assert.deepEqual(await ensureSecurityGroup(aws, { cluster: second, createdBy: 'other/run' }), {
        id,
        created: false,
      });
      assert.deepEqual([...(await cidrs(id))].sort(), ['tcp 5440-5440 10.1.0.0/16', 'tcp 5440-5440 192.168.0.0/24']);
      assert.deepEqual(await deleteSecurityGroup(aws, { identifier }), { deleted: true });
      assert.deepEqual(await deleteSecurityGroup(aws, { identifier }), { deleted: false });
    });

    it("is refused, and kept, when it is somebody else's", async () => {
      const identifier = uniqueName('group-');
      const GroupName = `starshift-${identifier}`;
      const VpcId = (await aws.ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.[0]?.VpcId;
      await aws.ec2.send(new CreateSecurityGroupCommand({ GroupName, VpcId, Description: 'theirs' }));
      await assert.rejects(ensureSecurityGroup(aws, { cluster: spec(identifier), ...RUN }), {
        kind: 'foreignResource',
        message: new RegExp(
          `^Security group starshift-${identifier} exists and does not carry the tag starshift:cluster=${identifier}, `,
        ),
      });
      assert.deepEqual(await deleteSecurityGroup(aws, { identifier }), { deleted: false, foreign: true });
    });

    it('stays when another run created it and only one of this run is to go', async () => {
      const identifier = uniqueName('group-');
      await ensureSecurityGroup(aws, { cluster: spec(identifier), ...RUN });
      assert.deepEqual(await deleteSecurityGroup(aws, { identifier, onlyIfCreatedBy: 'other/run' }), {
        ...{ deleted: false, foreign: true },
      });
      assert.deepEqual(await deleteSecurityGroup(aws, { identifier, onlyIfCreatedBy: RUN.createdBy }), {
        deleted: true,
      });
    });
  });

  describe('the cluster', () => {
    it('is created private and encrypted, adopted, resumed, and torn down twice without harm', async () => {
      const identifier = uniqueName('cluster-');
      const cluster = spec(identifier);
      assert.deepEqual((await provision(cluster)).ensured, { id: identifier, created: true });
      const statuses = new Set<string>();
      const facts = await waitForClusterAvailable(aws, { identifier, onStatus: (status) => statuses.add(status) });
      assert.equal(statuses.has('creating'), true);
      assert.equal(facts.database, 'dev');
      assert.match(facts.secretArn ?? '', /^arn:aws:secretsmanager:/);
      assert.deepEqual(
        facts.iamRoleArns.map((arn) => arn.split('/')[1]),
        [`starshift-${identifier}-load`],
      );
      const { Clusters } = await aws.redshift.send(new DescribeClustersCommand({ ClusterIdentifier: identifier }));
      assert.equal(Clusters?.[0]?.Encrypted, true);
      assert.equal(Clusters?.[0]?.PubliclyAccessible, false);

      assert.deepEqual((await provision(cluster)).ensured, { id: identifier, created: true });
      assert.deepEqual((await provision(cluster, { createdBy: 'other/run' })).ensured, {
        id: identifier,
        created: false,
      });

      await aws.redshift.send(new PauseClusterCommand({ ClusterIdentifier: identifier }));
      assert.equal((await waitForClusterAvailable(aws, { identifier })).identifier, identifier);

      assert.deepEqual(await tearDown(identifier), [true, true, true]);
      assert.deepEqual(await tearDown(identifier), [false, false, false]);
    });

    it('is created anew when the one of that name is on its way out', async () => {
      const identifier = uniqueName('cluster-');
      await provision(spec(identifier));
      await waitForClusterAvailable(aws, { identifier });
      await deleteCluster(aws, { identifier, finalSnapshot: `${identifier}-final` });
      const other = { createdBy: 'other/run' };
      assert.deepEqual((await provision(spec(identifier), other)).ensured, { id: identifier, created: true });
      assert.deepEqual(await tearDown(identifier), [true, true, true]);
    });

    it('is joined to its role once it takes changes, also when it is going to sleep', async () => {
      const identifier = uniqueName('cluster-');
      const { role, group } = await provision(spec(identifier));
      await waitForClusterAvailable(aws, { identifier });
      await aws.redshift.send(new PauseClusterCommand({ ClusterIdentifier: identifier }));
      const roleArn = role.id.replace(loadRoleName(identifier), loadRoleName(`${identifier}-2`));
      await ensureLoadRole(aws, { identifier: `${identifier}-2`, source: SOURCE, ...RUN });
      const statuses = new Set<string>();
      await ensureCluster(aws, {
        ...{ cluster: spec(identifier), roleArn, securityGroupId: group.id, password: adapters.password, ...RUN },
        onStatus: (status) => statuses.add(status),
      });
      assert.deepEqual([...statuses], ['pausing', 'paused', 'resuming', 'available']);
      const { iamRoleArns } = await waitForClusterAvailable(aws, { identifier });
      assert.equal(iamRoleArns.includes(roleArn), true);
      await tearDown(identifier);
      await deleteLoadRole(aws, { identifier: `${identifier}-2` });
    });

    it('is deleted when it is paused, and leaves the final snapshot behind', async () => {
      const identifier = uniqueName('cluster-');
      await provision(spec(identifier));
      await waitForClusterAvailable(aws, { identifier });
      await aws.redshift.send(new PauseClusterCommand({ ClusterIdentifier: identifier }));
      const finalSnapshot = `${identifier}-final`;
      assert.deepEqual(await deleteCluster(aws, { identifier, finalSnapshot }), { deleted: true });
      assert.deepEqual(await deleteCluster(aws, { identifier, finalSnapshot }), { deleted: true });
      await waitForClusterDeleted(aws, { identifier });
      const { Snapshots } = await aws.redshift.send(
        new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: finalSnapshot }),
      );
      assert.equal(Snapshots?.[0]?.ClusterIdentifier, identifier);
      await deleteSecurityGroup(aws, { identifier });
      await deleteLoadRole(aws, { identifier });
    });

    it("is neither used nor deleted when it is somebody else's", async () => {
      const identifier = uniqueName('theirs-');
      await aws.redshift.send(
        new CreateClusterCommand({
          ...{ ClusterIdentifier: identifier, NodeType: 'ra3.large', ClusterType: 'single-node' },
          ...{ MasterUsername: 'admin', ManageMasterPassword: true },
        }),
      );
      const message =
        `Cluster ${identifier} exists and does not carry the tag starshift:cluster=${identifier}, so it is not Starshift's to use, change or delete. ` +
        'Choose another cluster identifier, or add the tag if it is yours.';
      await assert.rejects(provision(spec(identifier)), { kind: 'foreignResource', message });
      await assert.rejects(deleteCluster(aws, { identifier }), { kind: 'foreignResource', message });
      assert.deepEqual(await deleteCluster(aws, { identifier, onlyIfCreatedBy: RUN.createdBy }), {
        ...{ deleted: false, foreign: true },
      });
    });

    it('is not adopted in another shape than the input asks for', async () => {
      const identifier = uniqueName('cluster-');
      await provision(spec(identifier));
      await assert.rejects(
        provision(spec(identifier, { nodeType: 'ra3.xlplus', nodes: 2, publiclyAccessible: true })),
        {
          kind: 'invalidInput',
          message:
            `Cluster ${identifier} exists, but not as the input says: nodeType is ra3.large, the input says ra3.xlplus; ` +
            'nodes is 1, the input says 2; publiclyAccessible is false, the input says true. ' +
            'Correct the input, or change the cluster yourself; Starshift does not rebuild a cluster that holds data.',
        },
      );
      const other = { identifier, onlyIfCreatedBy: 'other/run' };
      assert.deepEqual(await deleteCluster(aws, other), { deleted: false, foreign: true });
      assert.deepEqual((await tearDown(identifier))[0], true);
    });

    it('wants the password that the input refers to', async () => {
      const identifier = uniqueName('cluster-');
      const cluster = spec(identifier, { adminPassword: { env: 'STARSHIFT_PASSWORD_ADMIN' } });
      await assert.rejects(provision(cluster), {
        kind: 'authentication',
        message: `The admin password of cluster ${identifier} is to be in STARSHIFT_PASSWORD_ADMIN, which the worker does not have, so the cluster was not created. Set it and restart the worker.`,
      });
    });
  });

  describe('a target', () => {
    it('names the cluster that does not exist', async () => {
      await assert.rejects(resolveTarget(aws, { target: { cluster: 'nowhere' }, ...adapters }), {
        kind: 'awsTerminal',
        message: 'There is no cluster nowhere in this account and region. Provision it first, or correct AWS_REGION.',
      });
    });

    const ENDPOINT = { host: 'h', port: 5439, database: 'd', user: 'u', iamRole: 'default' };

    function resolve(password: PasswordReference, lookUp = adapters.password) {
      const { secretPrefixes } = adapters;
      return resolveTarget(aws, { target: { ...ENDPOINT, password }, password: lookUp, secretPrefixes });
    }

    async function createSecret(name: string) {
      const { ARN = '' } = await aws.secretsManager.send(
        new CreateSecretCommand({ Name: name, SecretString: '{"password":"geheim"}' }),
      );
      return { name, arn: ARN };
    }

    it('takes its password from the variable that it names, and shows it nowhere', async () => {
      const reference = { env: 'STARSHIFT_PASSWORD_X' };
      const settings = await resolve(reference, (name) => (name === 'STARSHIFT_PASSWORD_X' ? 'geheim' : undefined));
      assert.equal(settings.password(), 'geheim');
      assert.doesNotMatch(JSON.stringify(settings), /geheim/);
      await assert.rejects(resolve(reference), {
        kind: 'authentication',
        message:
          'The password is to be in STARSHIFT_PASSWORD_X, which the worker does not have. Set it and restart the worker.',
      });
    });

    it('takes its password from a secret that inputs may name, by name and by ARN', async () => {
      const { name, arn } = await createSecret(uniqueName('starshift/'));
      assert.equal((await resolve({ secretsManager: name })).password(), 'geheim');
      assert.equal((await resolve({ secretsManager: arn })).password(), 'geheim');
    });

    it('reads no other secret, however the input names it', async () => {
      const { name, arn } = await createSecret(uniqueName('payroll/'));
      for (const secretsManager of [name, arn, arn.replace(/-[^-]*$/, ''), `starshift/:secret:${name}`]) {
        await assert.rejects(resolve({ secretsManager }), {
          ...{ kind: 'authentication', code: 'SecretNotAllowed' },
          message:
            `Inputs may not name secret ${secretsManager}: the worker's STARSHIFT_SECRETS allows names that begin with redshift! or starshift/. ` +
            'Add the beginning of its name there and restart the worker, or keep the password under an allowed name.',
        });
      }
    });

    it('says which secret is missing', async () => {
      await assert.rejects(resolve({ secretsManager: 'starshift/no-such-secret' }), {
        kind: 'awsTerminal',
        message:
          /^Reading secret starshift\/no-such-secret failed \(ResourceNotFoundException: .*\)\. Correct what the message names\.$/,
      });
    });
  });
});

const TRUST_EC2 = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
