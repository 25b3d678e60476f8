import { record } from '../state/record.js';

/** The policies of AWS that a load may need, reduced to what they say about S3. */
export const AWS_MANAGED_POLICIES: Readonly<Record<string, string>> = record(
  Object.entries({
    AmazonS3ReadOnlyAccess: ['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'],
    AmazonS3FullAccess: ['s3:*', 's3-object-lambda:*'],
    AmazonRedshiftAllCommandsFullAccess: ['s3:*', 'redshift:*', 'glue:*'],
    AmazonRedshiftReadOnlyAccess: ['redshift:Describe*', 'redshift:ListRecommendations'],
    AmazonRedshiftFullAccess: ['redshift:*'],
    AdministratorAccess: ['*'],
  }).map(([name, actions]): [string, string] => [
    `arn:aws:iam::aws:policy/${name}`,
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }),
  ]),
);
