import { RedshiftError } from '../redshift-error.js';

/** A bucket with a key or key prefix. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

const S3_URL = /^s3:\/\/([^/]+)(?:\/(.*))?$/s;

/** Undefined when the text is no `s3://bucket[/key]`. */
export function parseS3Location(url: string): S3Location | undefined {
  const [, bucket, key = ''] = S3_URL.exec(url) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** Like {@link parseS3Location}, but throws RedshiftError 22023 that names the option the text stands in. */
export function requireS3Location(url: string, option: string): S3Location {
  const location = parseS3Location(url);
  if (location !== undefined) return location;
  throw new RedshiftError({
    sqlState: '22023',
    message: `Invalid S3 path '${url}' in ${option}`,
    hint: "Write it as 's3://bucket/key'.",
  });
}

/** `s3://bucket/key`. */
export function s3Url({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}
