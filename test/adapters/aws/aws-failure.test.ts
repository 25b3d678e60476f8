import assert from 'node:assert/strict';
import { findAwsFailure, toAwsError } from '../../../src/adapters/aws/aws-failure.js';
import type { FailureKind } from '../../../src/domain/failure.js';

describe('aws-failure', () => {
  const cases: readonly (readonly [string, string, number | undefined, FailureKind])[] = [
    ['ThrottlingException', 'Rate exceeded', 400, 'throttled'],
    ['Throttling', 'Rate exceeded', 400, 'throttled'],
    ['RequestLimitExceeded', 'Request limit exceeded.', 503, 'throttled'],
    ['InternalFailure', '', 500, 'awsTransient'],
    ['SomethingNew', 'oops', 502, 'awsTransient'],
    ['InvalidClusterStateFault', 'There is an operation running on the Cluster.', 400, 'notReady'],
    ['InvalidParameterValue', 'The IAM role arn:aws:iam::1:role/x is not valid', 400, 'awsTransient'],
    ['DependencyViolation', 'resource sg-1 has a dependent object', 400, 'awsTransient'],
    ['ExpiredTokenException', 'The security token included in the request is expired', 403, 'expired'],
    ['ExpiredToken', 'The provided token has expired.', 400, 'expired'],
    ['RequestExpired', 'Request has expired.', 400, 'expired'],
    ['SlowDown', 'Please reduce your request rate.', 503, 'throttled'],
    ['UnknownError', '', 503, 'throttled'],
    ['RequestTimeTooSkewed', 'The difference is too large.', 403, 'awsTerminal'],
    [
      'AccessDenied',
      'User: arn:aws:iam::1:user/a is not authorized to perform: redshift:CreateCluster',
      403,
      'awsTerminal',
    ],
    ['UnauthorizedOperation', 'You are not authorized to perform this operation.', 403, 'awsTerminal'],
    ['InvalidClientTokenId', 'The security token included in the request is invalid.', 403, 'awsTerminal'],
    ['CredentialsProviderError', 'Could not load credentials from any providers', undefined, 'awsTerminal'],
    ['InvalidParameterCombination', 'no', 400, 'awsTerminal'],
  ];
  for (const [name, message, status, kind] of cases) {
    it(`takes ${name} "${message.slice(0, 40)}" for ${kind}`, () => {
      assert.equal(findAwsFailure({ name, message, status }).kind, kind);
    });
  }

  it('says what to do when there are no credentials', () => {
    const error = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    assert.equal(
      toAwsError(error, { action: 'Creating cluster music', resource: 'music' }).message,
      'Creating cluster music failed (CredentialsProviderError: Could not load credentials from any providers). ' +
        'Give the worker AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the machine.',
    );
  });
});
