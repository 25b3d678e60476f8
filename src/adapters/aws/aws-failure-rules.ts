import type { FailureRule } from '../failure-rule.js';

/** A rule of the table for AWS: all that it names must match. */
export interface AwsFailureRule extends FailureRule {
  /** Names of errors as the services give them, `Fault`, `Exception` and the like left out. */
  readonly names?: readonly string[];
  readonly text?: RegExp;
  /** Codes of Node's sockets. */
  readonly codes?: readonly string[];
  /** Least HTTP status. */
  readonly status?: number;
}

const CREDENTIALS =
  'Give the worker AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the machine.';
const REACH = 'The service was not reached; check the network and the endpoint. It is tried again.';

/**
 * The one place that tells what an error of AWS means. The first rule that matches counts. Error names: "Common Errors" of each
 * service's API reference, Amazon S3 "Error responses", EC2 "Error codes".
 */
export const AWS_FAILURES: readonly AwsFailureRule[] = [
  {
    name: 'no credentials',
    names: ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'],
    kind: 'awsTerminal',
    advice: CREDENTIALS,
    example: 'Could not load credentials from any providers',
  },
  {
    name: 'no credentials, in other words',
    text: /could not load credentials|credentials? (is|are) missing|resolved credential object is not valid/i,
    kind: 'awsTerminal',
    advice: CREDENTIALS,
    example: 'Resolved credential object is not valid',
  },
  {
    name: 'no region',
    text: /region is missing/i,
    kind: 'awsTerminal',
    advice: 'Set AWS_REGION for the worker.',
    example: 'Region is missing',
  },
  {
    name: 'credentials expired',
    names: ['ExpiredToken', 'RequestExpired', 'TokenRefreshRequired'],
    kind: 'expired',
    advice:
      "The worker's AWS session has expired. It is tried again, for roles and SSO sessions are renewed; else log in again (aws sso login, " +
      'or new keys) and restart the worker.',
    example: 'The security token included in the request is expired',
  },
  {
    name: 'wrong credentials',
    names: [
      'InvalidClientTokenId',
      'UnrecognizedClient',
      'SignatureDoesNotMatch',
      'InvalidAccessKeyId',
      'InvalidToken',
      'AuthFailure',
      'IncompleteSignature',
      'MissingAuthenticationToken',
      'InvalidSignature',
      'RequestTimeTooSkewed',
    ],
    kind: 'awsTerminal',
    advice: "AWS does not know the worker's keys, or its clock is wrong. Correct them and restart the worker.",
    example: 'The security token included in the request is invalid.',
  },
  {
    name: 'permission',
    names: ['AccessDenied', 'UnauthorizedOperation', 'NotAuthorized', 'UnauthorizedAccess', 'OptInRequired'],
    kind: 'awsTerminal',
    advice: "Give the worker's role the permission that the message names.",
    example: 'User: arn:aws:iam::1:user/a is not authorized to perform: redshift:CreateCluster',
  },
  {
    name: 'role not seen yet',
    text: /role .*(is not valid|cannot be assumed|could not be assumed|not authorized to assume|does not exist)|not authorized to assume/i,
    kind: 'awsTransient',
    advice: 'A new role takes a moment until other services see it. It is tried again.',
    example: 'The IAM role arn:aws:iam::1:role/r is not valid',
  },
  {
    name: 'throttling',
    names: [
      'Throttling',
      'ThrottledException',
      'TooManyRequests',
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
      'LimitExceededException',
      'PriorRequestNotComplete',
      'BandwidthLimitExceeded',
      'ProvisionedThroughputExceeded',
      'DependentServiceRequestThrottling',
    ],
    kind: 'throttled',
    advice: 'AWS asked to slow down; it is tried again.',
    example: 'Rate exceeded',
  },
  {
    name: 'failed for a moment',
    names: [
      'InternalFailure',
      'InternalError',
      'InternalServiceError',
      'ServiceUnavailable',
      'Unavailable',
      'RequestTimeout',
      'TimeoutError',
      'DependentServiceUnavailable',
      'ConcurrentModification',
      'EntityTemporarilyUnmodifiable',
      'DeleteConflict',
      'DependencyViolation',
      'IncompleteBody',
    ],
    kind: 'awsTransient',
    advice: 'It is tried again.',
    example: 'We encountered an internal error. Please try again.',
  },
  {
    name: 'cluster between two states',
    names: ['InvalidClusterState', 'ClusterSnapshotInvalidState'],
    kind: 'notReady',
    advice: 'The cluster is between two states; it is tried again.',
    example: 'There is an operation running on the Cluster.',
  },
  {
    name: 'no capacity',
    names: ['InsufficientClusterCapacity'],
    kind: 'notReady',
    advice: 'AWS has no such nodes free at the moment; it is tried again.',
    example: 'There is not enough capacity to create the cluster',
  },
  {
    name: 'name not known',
    codes: ['ENOTFOUND'],
    kind: 'unknownHost',
    advice: 'Check AWS_REGION, the endpoint (AWS_ENDPOINT_URL_*) and the network. It is tried again.',
    example: 'getaddrinfo ENOTFOUND redshift.us-wset-2.amazonaws.com',
  },
  {
    name: 'not reached',
    codes: [
      'ECONNREFUSED',
      'ECONNRESET',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'EPIPE',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ECONNABORTED',
    ],
    kind: 'unreachable',
    advice: REACH,
    example: 'connect ECONNREFUSED 127.0.0.1:443',
  },
  {
    name: 'slow down, by the status alone',
    status: 503,
    kind: 'throttled',
    advice: 'AWS asked to slow down; it is tried again.',
    example: 'Please reduce your request rate.',
  },
  {
    name: 'fault of the service',
    status: 500,
    kind: 'awsTransient',
    advice: 'It is tried again.',
    example: 'oops',
  },
];

/** What is left. */
export const UNKNOWN_AWS_FAILURE: AwsFailureRule = {
  name: 'unknown',
  kind: 'awsTerminal',
  advice: 'Correct what the message names.',
  example: 'The parameter NodeType is not valid.',
};
