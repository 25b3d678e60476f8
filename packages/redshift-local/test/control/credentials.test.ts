import assert from 'node:assert/strict';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { DescribeClustersCommand } from '@aws-sdk/client-redshift';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
} from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { AwsError } from '../../src/control/aws/aws-error.js';
import { KEYS, LocalPlane } from './fixture/local-plane.js';

const TRUST = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}';

describe('who may call', () => {
  const local = new LocalPlane();
  let outage: AwsError | undefined;

  before(() =>
    local.start({
      intercept: () => {
        if (outage !== undefined) throw outage;
      },
    }),
  );
  after(() => local.remove());

  it('tells callers who they are', async () => {
    const { Account, Arn } = await local.clients().sts.send(new GetCallerIdentityCommand({}));
    assert.deepEqual([Account, Arn], ['000000000000', 'arn:aws:iam::000000000000:user/redshift-local']);
  });

  it('refuses a wrong secret key, in the words of each service', async () => {
    const { redshift, ec2, secrets } = local.clients({ ...KEYS, secretAccessKey: 'wrong' });
    await assert.rejects(redshift.send(new DescribeClustersCommand({})), { name: 'SignatureDoesNotMatch' });
    await assert.rejects(ec2.send(new DescribeSecurityGroupsCommand({})), { name: 'AuthFailure' });
    await assert.rejects(secrets.send(new ListSecretsCommand({})), { name: 'InvalidSignatureException' });
  });

  it('refuses an unknown access key', async () => {
    const { redshift, secrets } = local.clients({ ...KEYS, accessKeyId: 'OTHER' });
    await assert.rejects(redshift.send(new DescribeClustersCommand({})), { name: 'InvalidClientTokenId' });
    await assert.rejects(secrets.send(new ListSecretsCommand({})), { name: 'UnrecognizedClientException' });
  });

  it('refuses requests for another region', async () => {
    const { redshift } = local.clients(KEYS, 'eu-west-1');
    await assert.rejects(redshift.send(new DescribeClustersCommand({})), /valid region, not 'eu-west-1'/);
  });

  it('accepts the temporary keys of an assumed role, with their token only', async () => {
    const { iam, sts } = local.clients();
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: TRUST }));
    const assume = { RoleArn: 'arn:aws:iam::000000000000:role/worker', RoleSessionName: 'test' };
    const { Credentials } = await sts.send(new AssumeRoleCommand(assume));
    const keys = { accessKeyId: Credentials?.AccessKeyId ?? '', secretAccessKey: Credentials?.SecretAccessKey ?? '' };
    const sessionToken = Credentials?.SessionToken ?? '';
    const { Arn } = await local.clients({ ...keys, sessionToken }).sts.send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, 'arn:aws:sts::000000000000:assumed-role/worker/test');
    const withoutToken = local.clients(keys).sts.send(new GetCallerIdentityCommand({}));
    await assert.rejects(withoutToken, { name: 'InvalidClientTokenId' });
  });

  it('fails an action as the interceptor says, for tests of throttling and outages', async () => {
    outage = new AwsError('Throttling', 'Rate exceeded');
    try {
      await assert.rejects(local.clients().redshift.send(new DescribeClustersCommand({})), { name: 'Throttling' });
    } finally {
      outage = undefined;
    }
  });

  it('keeps secrets, and those that Redshift manages from being deleted', async () => {
    const { secrets } = local.clients();
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: 'dsn', SecretString: '{"password":"x"}' }));
    assert.match(ARN ?? '', /^arn:aws:secretsmanager:us-east-1:000000000000:secret:dsn-[A-Za-z0-9]{6}$/);
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'dsn' }));
    assert.equal(SecretString, '{"password":"x"}');
    const again = new CreateSecretCommand({ Name: 'dsn', SecretString: 'y' });
    await assert.rejects(secrets.send(again), { name: 'ResourceExistsException' });
    await secrets.send(new DeleteSecretCommand({ SecretId: 'dsn' }));
    await assert.rejects(secrets.send(new GetSecretValueCommand({ SecretId: 'dsn' })), {
      name: 'InvalidRequestException',
    });
    await secrets.send(new DeleteSecretCommand({ SecretId: 'dsn', ForceDeleteWithoutRecovery: true }));
    await assert.rejects(secrets.send(new GetSecretValueCommand({ SecretId: 'dsn' })), {
      name: 'ResourceNotFoundException',
    });
  });
});
