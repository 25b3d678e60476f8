import assert from 'node:assert/strict';
import { s3Authorization } from '../../src/control/iam/s3-authorization.js';
import type { ClusterRecord, ControlState, RoleRecord } from '../../src/control/state/control-state.js';
import type { AwsCredential, S3AuthorizationRequest } from '../../src/copy/s3-settings.js';

const KEYS = { accessKeyId: 'A', secretAccessKey: 'S' };
const ARN = 'arn:aws:iam::000000000000:role/loader';
const OTHER_ARN = 'arn:aws:iam::000000000000:role/other';
const OBJECT = 'arn:aws:s3:::sparkify/log_data/a.json';

function allow(action: string, resource: string, effect = 'Allow'): string {
  return JSON.stringify({ Statement: { Effect: effect, Action: action, Resource: resource } });
}

function trust(service: string): string {
  return JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}

function authorize(
  request: {
    policies?: string[];
    attached?: string[];
    trusted?: string;
    clusterRoles?: string[];
    defaultRole?: string;
  },
  question: { credential?: Exclude<AwsCredential, { kind: 'keys' }> } & Partial<S3AuthorizationRequest> = {},
) {
  const {
    policies = [],
    attached = [],
    trusted = 'redshift.amazonaws.com',
    clusterRoles = [ARN],
    defaultRole,
  } = request;
  const role = {
    name: 'loader',
    path: '/',
    trustPolicy: trust(trusted),
    inlinePolicies: Object.fromEntries(policies.map((policy, index) => [`p${index}`, policy])),
    attachedPolicyArns: attached,
  } as unknown as RoleRecord;
  const cluster = { identifier: 'main', masterUsername: 'admin', roleArns: clusterRoles, defaultRoleArn: defaultRole };
  return s3Authorization({
    store: { state: { roles: { loader: role } } as unknown as ControlState, save: () => {} },
    account: { id: '000000000000', region: 'us-east-1' },
    keys: KEYS,
    cluster: () => cluster as unknown as ClusterRecord,
  })({ credential: { kind: 'role', arns: [ARN] }, action: 's3:GetObject', resource: OBJECT, ...question });
}

describe('what a cluster may do on S3', () => {
  it('gives keys when a policy of the attached role allows it', async () => {
    assert.deepEqual(await authorize({ policies: [allow('s3:Get*', 'arn:aws:s3:::sparkify/*')] }), KEYS);
    assert.deepEqual(await authorize({ attached: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'] }), KEYS);
  });

  it('uses the default role', async () => {
    const request = { policies: [allow('s3:*', '*')], defaultRole: ARN };
    assert.deepEqual(await authorize(request, { credential: { kind: 'default-role' } }), KEYS);
    await assert.rejects(authorize({}, { credential: { kind: 'default-role' } }), /does not have default IAM role/);
  });

  it('refuses a role that is not attached to the cluster', async () => {
    await assert.rejects(authorize({ policies: [allow('s3:*', '*')], clusterRoles: [] }), {
      name: 'RedshiftError',
      message: `The requested role ${ARN} is not associated to cluster`,
      sqlState: 'XX000',
    });
  });

  it('refuses a role that does not exist or does not trust Redshift', async () => {
    const gone = { credential: { kind: 'role', arns: [OTHER_ARN] } } as const;
    await assert.rejects(
      authorize({ clusterRoles: [OTHER_ARN] }, gone),
      /admin is not authorized to assume IAM Role .*other$/,
    );
    await assert.rejects(authorize({ trusted: 'ec2.amazonaws.com' }), /not authorized to assume/);
  });

  it('refuses another bucket, another action, and what is denied', async () => {
    const policies = [allow('s3:GetObject', 'arn:aws:s3:::sparkify/*')];
    const denied = /Access Denied,Status 403/;
    await assert.rejects(authorize({ policies }, { resource: 'arn:aws:s3:::other/a.json' }), denied);
    await assert.rejects(
      authorize({ policies }, { action: 's3:ListBucket', resource: 'arn:aws:s3:::sparkify' }),
      denied,
    );
    await assert.rejects(authorize({ policies: [...policies, allow('s3:*', OBJECT, 'Deny')] }), denied);
    await assert.rejects(authorize({}), denied);
  });
});
