import { toAwsError } from '../aws/aws-failure.js';
import { AdapterError, adapterError } from '../errors.js';
import type { FailureRule } from '../failure-rule.js';

/** What was being done, and on which `s3://` URL. */
export interface S3ErrorContext {
  /** For example `Listing`. */
  readonly action: string;
  readonly url: string;
  readonly bucket: string;
  /** Region that the bucket is in, where it is known and another than was asked. */
  readonly bucketRegion?: string | undefined;
}

/** A rule for what a person must mend at S3. In the advice {bucket}, {where} and {region} stand for what is known of the bucket. */
export interface S3FailureRule extends FailureRule {
  /** Names of errors, and of answers without a body their HTTP status. */
  readonly names: readonly string[];
}

/** The one place that tells what an error of S3 means to the worker's own requests; what is not here is AWS's: aws-failure-rules.ts. */
export const S3_FAILURES: readonly S3FailureRule[] = [
  {
    name: 'NoSuchBucket',
    names: ['NoSuchBucket'],
    kind: 'source',
    advice: 'There is no bucket {bucket}. Correct "source.url" or "source.workspace", or create the bucket.',
    example: 'The specified bucket does not exist',
  },
  {
    name: 'AccessDenied',
    names: ['AccessDenied', 'Forbidden', 'AllAccessDisabled', '403'],
    kind: 'source',
    advice:
      "The worker's credentials may not do that. Give them s3:ListBucket on {bucket}, s3:GetObject on the source and s3:PutObject on the workspace.",
    example: 'Access Denied',
  },
  {
    name: 'PermanentRedirect',
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', '301'],
    kind: 'source',
    advice:
      'Bucket {bucket} is in another region than the worker\'s{where}. Set the worker\'s AWS_REGION to it, and name it in the input: "source": {"region": "{region}"}.',
    example: 'The bucket you are attempting to access must be addressed using the specified endpoint.',
  },
];

/** An error of the S3 client as TransientError or TerminalError with what to do next. */
export function toS3Error(error: unknown, context: S3ErrorContext): AdapterError {
  if (error instanceof AdapterError) return error;
  const name = error instanceof Error ? error.name : '';
  // An answer to HEAD has no body, so only its status tells.
  const status = /^Unknown/.test(name)
    ? (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
    : undefined;
  const rule = S3_FAILURES.find(({ names }) => names.includes(name) || names.includes(String(status)));
  if (rule === undefined) {
    return toAwsError(error, { action: `${context.action} ${context.url}`, resource: context.url });
  }
  return adapterError({
    kind: rule.kind,
    message: `${context.action} ${context.url} failed (${rule.name}). ${adviceFor(rule, context)}`,
    resource: context.url,
    code: rule.name,
    cause: error,
  });
}

function adviceFor({ advice }: S3FailureRule, { bucket, bucketRegion }: S3ErrorContext): string {
  return advice
    .replace('{bucket}', bucket)
    .replace('{where}', bucketRegion === undefined ? '' : ` (${bucketRegion})`)
    .replace('{region}', bucketRegion ?? '...');
}

const MAX_SHOWN = 20;

/** `missing`: URLs of files that a person has named and that are not under `url`. `wish`: what was to be done with them. */
export function notListedError(
  url: string,
  { missing, wish }: { readonly missing: readonly string[]; readonly wish: 'left out' | 'loaded anew' },
): AdapterError {
  const more = missing.length > MAX_SHOWN ? ` and ${missing.length - MAX_SHOWN} more` : '';
  const names = missing.slice(0, MAX_SHOWN).join(', ');
  const message = `Not found under ${url}, so it cannot be ${wish}: ${names}${more}.`;
  const details = [...missing.slice(0, MAX_SHOWN).map((file) => ({ file })), { fileCount: missing.length }];
  return adapterError({ kind: 'notListed', message, resource: missing[0] ?? url, details });
}

/** A source that cannot be loaded as it is. */
export function sourceError(url: string, message: string): AdapterError {
  return adapterError({ kind: 'source', message, resource: url });
}
