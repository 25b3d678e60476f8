import { AdapterError, adapterError } from '../errors.js';
import { AWS_FAILURES, type AwsFailureRule, UNKNOWN_AWS_FAILURE } from './aws-failure-rules.js';

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

/** An error of AWS as far as rules look at it. */
export interface AwsErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly status?: number | undefined;
}

/** The rule for an error of AWS. Pure. */
export function findAwsFailure(error: AwsErrorFacts): AwsFailureRule {
  return AWS_FAILURES.find((rule) => matches(rule, error)) ?? UNKNOWN_AWS_FAILURE;
}

function matches({ names, text, codes, status }: AwsFailureRule, error: AwsErrorFacts): boolean {
  if (names !== undefined && !names.some((name) => bare(name) === bare(error.name))) return false;
  if (codes !== undefined && !codes.includes(error.code ?? '')) return false;
  // 503 is told apart, any other status counts from its rule's on.
  if (status !== undefined && !(status === 503 ? error.status === 503 : (error.status ?? 0) >= status)) return false;
  return text === undefined || text.test(error.message);
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
