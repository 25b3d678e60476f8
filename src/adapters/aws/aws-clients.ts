import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';

/** One client a service. */
export interface AwsClients {
  readonly redshift: RedshiftClient;
  readonly iam: IAMClient;
  readonly ec2: EC2Client;
  readonly secretsManager: SecretsManagerClient;
  readonly sts: STSClient;
  readonly s3: S3Client;
}

/**
 * Clients with the AWS SDK's own configuration: region, credentials and endpoints (AWS_ENDPOINT_URL_*) as the SDK reads them. A client
 * connects with its first call.
 */
export function createAwsClients(options: {
  /** `http://host/bucket/key` instead of `http://bucket.host/key`, which the SDK has no variable for. */
  readonly s3PathStyle: boolean;
}): AwsClients {
  const defaults = { maxAttempts: 4 };
  return {
    redshift: new RedshiftClient(defaults),
    iam: new IAMClient(defaults),
    ec2: new EC2Client(defaults),
    secretsManager: new SecretsManagerClient(defaults),
    sts: new STSClient(defaults),
    s3: new S3Client({ ...defaults, forcePathStyle: options.s3PathStyle, followRegionRedirects: true }),
  };
}

/** Closes the clients' sockets. */
export function destroyAwsClients(clients: AwsClients): void {
  for (const client of Object.values(clients) as { destroy(): void }[]) client.destroy();
}
