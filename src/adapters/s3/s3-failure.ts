import { toAwsError } from '../aws/aws-failure.js';
import { AdapterError, adapterError, TerminalError } from '../errors.js';

/** What was being done, and on which `s3://` URL. */
export interface S3ErrorContext {
  /** For example `Listing`. */
  readonly action: string;
  readonly url: string;
  readonly bucket: string;
  /** Region that the bucket is in, where it is known and another than was asked. */
  readonly bucketRegion?: string | undefined;
}

/** Error names of S3 that a person must mend. */
const ADVICE: Readonly<Record<string, (context: S3ErrorContext) => string>> = {
  NoSuchBucket: ({ bucket }) =>
    `There is no bucket ${bucket}. Correct "source.url" or "source.workspace", or create the bucket.`,
  AccessDenied: ({ bucket }) =>
    `The worker's credentials may not do that. Give them s3:ListBucket on ${bucket}, s3:GetObject on the source and s3:PutObject on the workspace.`,
  PermanentRedirect: ({ bucket, bucketRegion }) =>
    `Bucket ${bucket} is in another region than the worker's${bucketRegion === undefined ? '' : ` (${bucketRegion})`}. Set the worker's AWS_REGION to it, and name it in the input: "source": {"region": "${bucketRegion ?? '...'}"}.`,
};
const ALIASES: Readonly<Record<string, keyof typeof ADVICE>> = {
  Forbidden: 'AccessDenied',
  AllAccessDisabled: 'AccessDenied',
  AuthorizationHeaderMalformed: 'PermanentRedirect',
  '301': 'PermanentRedirect',
  '403': 'AccessDenied',
};

/** An error of the S3 client as TransientError or TerminalError with what to do next. */
export function toS3Error(error: unknown, context: S3ErrorContext): AdapterError {
  if (error instanceof AdapterError) return error;
  const name = error instanceof Error ? error.name : '';
  // An answer to HEAD has no body, so only its status tells.
  const status = /^Unknown/.test(name)
    ? (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
    : undefined;
  const known = [name, ALIASES[name], ALIASES[String(status)]].find((key) => key !== undefined && key in ADVICE);
  if (known === undefined) {
    return toAwsError(error, { action: `${context.action} ${context.url}`, resource: context.url });
  }
  return new TerminalError({
    kind: 'source',
    message: `${context.action} ${context.url} failed (${known}). ${ADVICE[known]?.(context)}`,
    resource: context.url,
    code: known,
    cause: error,
  });
}

/** A source that cannot be loaded as it is. */
export function sourceError(url: string, message: string): AdapterError {
  return adapterError({ kind: 'source', message, resource: url });
}
