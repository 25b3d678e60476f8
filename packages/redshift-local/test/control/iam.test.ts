import assert from 'node:assert/strict';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { LocalPlane } from './fixture/local-plane.js';

const TRUST =
  '{"Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const READ = '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::sparkify/*"}]}';
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const role = { RoleName: 'loader' };

describe('the IAM API', () => {
  const local = new LocalPlane();

  before(() => local.start());
  after(() => local.remove());

  it('creates a role with tags and gives it back as it was sent', async () => {
    const { iam } = local.clients();
    const input = { ...role, AssumeRolePolicyDocument: TRUST, Tags: [{ Key: 'project', Value: 'starshift' }] };
    await iam.send(new CreateRoleCommand(input));
    const { Role } = await iam.send(new GetRoleCommand(role));
    assert.equal(Role?.Arn, 'arn:aws:iam::000000000000:role/loader');
    assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), TRUST);
    assert.deepEqual(Role?.Tags, [{ Key: 'project', Value: 'starshift' }]);
    await assert.rejects(iam.send(new CreateRoleCommand(input)), { name: 'EntityAlreadyExistsException' });
  });

  it('refuses a policy that is no policy', async () => {
    const { iam } = local.clients();
    const policy = { ...role, PolicyName: 'p', PolicyDocument: '{"Statement":' };
    await assert.rejects(iam.send(new PutRolePolicyCommand(policy)), { name: 'MalformedPolicyDocumentException' });
  });

  it('keeps inline policies, and deletes a role only without any', async () => {
    const { iam } = local.clients();
    const name = { ...role, PolicyName: 's3 read' };
    await iam.send(new PutRolePolicyCommand({ ...name, PolicyDocument: READ }));
    assert.deepEqual((await iam.send(new ListRolePoliciesCommand(role))).PolicyNames, ['s3 read']);
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(name));
    assert.equal(decodeURIComponent(PolicyDocument ?? ''), READ);
    await assert.rejects(iam.send(new DeleteRoleCommand(role)), { name: 'DeleteConflictException' });
    await iam.send(new DeleteRolePolicyCommand(name));
    await assert.rejects(iam.send(new GetRolePolicyCommand(name)), { name: 'NoSuchEntityException' });
  });

  it('attaches policies of AWS, and deletes a role only when they are detached', async () => {
    const { iam } = local.clients();
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: READ_ONLY }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand(role));
    assert.deepEqual(AttachedPolicies, [{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn: READ_ONLY }]);
    await assert.rejects(iam.send(new DeleteRoleCommand(role)), { name: 'DeleteConflictException' });
    await iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn: READ_ONLY }));
    const unknown = { ...role, PolicyArn: 'arn:aws:iam::aws:policy/Nothing' };
    await assert.rejects(iam.send(new AttachRolePolicyCommand(unknown)), { name: 'NoSuchEntityException' });
  });

  it('tags roles and deletes them', async () => {
    const { iam } = local.clients();
    await iam.send(new TagRoleCommand({ ...role, Tags: [{ Key: 'run', Value: '7' }] }));
    const { Tags } = await iam.send(new ListRoleTagsCommand(role));
    assert.deepEqual(Tags, [
      { Key: 'project', Value: 'starshift' },
      { Key: 'run', Value: '7' },
    ]);
    await iam.send(new DeleteRoleCommand(role));
    await assert.rejects(iam.send(new GetRoleCommand(role)), { name: 'NoSuchEntityException' });
  });
});
