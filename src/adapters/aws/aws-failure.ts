import type { FailureKind } from '../../domain/failure.js';
import { AdapterError, adapterError } from '../errors.js';

/** A rule of the table: the first whose names or text match counts. */
export interface AwsFailureRule {
  /** Names of errors as the services give them, `Fault`, `Exception` and the like left out. */
  readonly names?: readonly string[];
  readonly text?: RegExp;
  readonly kind: FailureKind;
  readonly advice: string;
}

const TRY_AGAIN = 'It is tried again.';
const CREDENTIALS =
  'Give the worker AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the machine.';

/** The one place that tells what an error of AWS means. */
export const AWS_FAILURES: readonly AwsFailureRule[] = [
  {
    names: ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'],
    text: /.*/s,
    kind: 'awsTerminal',
    advice: CREDENTIALS,
  },
  {
    text: /could not load credentials|credentials? (is|are) missing|resolved credential object is not valid/i,
    kind: 'awsTerminal',
    advice: CREDENTIALS,
  },
  { text: /region is missing/i, kind: 'awsTerminal', advice: 'Set AWS_REGION for the worker.' },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
    kind: 'awsTerminal',
    advice:
      "The worker's AWS session has expired: log in again (aws sso login, or new keys), restart the worker and retry the step.",
  },
  {
    names: [
      'InvalidClientTokenId',
      'UnrecognizedClient',
      'SignatureDoesNotMatch',
      'InvalidAccessKeyId',
      'AuthFailure',
      'IncompleteSignature',
      'MissingAuthenticationToken',
      'InvalidSignature',
    ],
    kind: 'awsTerminal',
    advice: "AWS does not know the worker's keys, or its clock is wrong. Correct them and restart the worker.",
  },
  {
    names: ['AccessDenied', 'UnauthorizedOperation', 'NotAuthorized', 'UnauthorizedAccess', 'OptInRequired'],
    kind: 'awsTerminal',
    advice: "Give the worker's role the permission that the message names, then retry the step.",
  },
  {
    text: /role .*(is not valid|cannot be assumed|could not be assumed|not authorized to assume|does not exist)|not authorized to assume/i,
    kind: 'awsTransient',
    advice: 'A new role takes a moment until other services see it. It is tried again.',
  },
  {
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
    kind: 'awsTransient',
    advice: 'AWS asked to slow down; it is tried again.',
  },
  {
    names: [
      'InternalFailure',
      'InternalError',
      'InternalServiceError',
      'ServiceUnavailable',
      'Unavailable',
      'RequestTimeout',
      'RequestTimeoutException',
      'TimeoutError',
      'DependentServiceUnavailable',
      'ConcurrentModification',
      'EntityTemporarilyUnmodifiable',
      'DeleteConflict',
      'DependencyViolation',
      'IncompleteBody',
    ],
    kind: 'awsTransient',
    advice: TRY_AGAIN,
  },
  {
    names: ['InvalidClusterState', 'ClusterSnapshotInvalidState'],
    kind: 'awsTransient',
    advice: 'The cluster is between two states; it is tried again.',
  },
  {
    names: ['InsufficientClusterCapacity'],
    kind: 'awsTransient',
    advice: 'AWS has no such nodes free at the moment; it is tried again.',
  },
];

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);

/**
 * An error of the AWS SDK as TransientError or TerminalError: what failed, on which resource, AWS's words, what to do next. Errors
 * that adapters made themselves pass unchanged.
 */
export function toAwsError(
  error: unknown,
  context: { readonly action: string; readonly resource: string },
): AdapterError {
  if (error instanceof AdapterError) return error;
  const { name, said, code, status } = readError(error);
  const rule = findAwsFailure({ name, message: said, code, status });
  const answered = said === '' || said === name ? name : `${name}: ${said.replace(/\.+$/, '')}`;
  return adapterError({
    kind: rule.kind,
    message: `${context.action} failed (${answered}). ${rule.advice}`,
    resource: context.resource,
    code: code ?? name,
    cause: error,
  });
}

/** The rule for an error of AWS. Pure. */
export function findAwsFailure(error: {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly status?: number | undefined;
}): AwsFailureRule {
  const found = AWS_FAILURES.find((rule) => matches(rule, error));
  if (found !== undefined) return found;
  if (error.code !== undefined && NETWORK_CODES.has(error.code)) {
    return {
      kind: 'awsTransient',
      advice: 'The service was not reached; check the network and the endpoint. It is tried again.',
    };
  }
  if ((error.status ?? 0) >= 500) return { kind: 'awsTransient', advice: TRY_AGAIN };
  return { kind: 'awsTerminal', advice: 'Correct what the message names, then retry the step.' };
}

function matches(rule: AwsFailureRule, error: { readonly name: string; readonly message: string }): boolean {
  if (rule.names !== undefined && !rule.names.some((name) => bare(name) === bare(error.name))) return false;
  return rule.text === undefined || rule.text.test(error.message);
}

/** Services differ in what they append: ThrottlingException, ClusterNotFoundFault, ClusterNotFound. */
function bare(name: string): string {
  return name.replace(/(Exception|Fault)$/, '');
}

function readError(error: unknown): {
  readonly name: string;
  readonly said: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
} {
  if (!(error instanceof Error)) return { name: 'Error', said: String(error), code: undefined, status: undefined };
  const { code, $metadata, errors } = error as {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly errors?: readonly Error[];
  };
  // Node tries every address of a host and reports their errors together, with no message of its own.
  const said = error.message === '' ? (errors?.[0]?.message ?? '') : error.message;
  return {
    name: error.name,
    said,
    code: typeof code === 'string' ? code : undefined,
    status: $metadata?.httpStatusCode,
  };
}
