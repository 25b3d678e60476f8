import type { SqlFailureRule } from './sql-failure-rule.js';

/**
 * COPY and what it reads. Causes that stay come first: numbers say something only behind `Status`, and keys and request ids are full
 * of them. DG "COPY load errors", "S3ServiceException errors".
 */
export const COPY_FAILURES: readonly SqlFailureRule[] = [
  {
    name: 'JSONPaths',
    text: /jsonpaths? (file|size|expression)|number of jsonpaths/i,
    kind: 'source',
    advice: 'Mend the JSONPaths file, one path for each column of the table in its order.',
    example: 'Number of jsonpaths and the number of columns should match',
  },
  {
    name: 'other region',
    text: /different region|PermanentRedirect|AuthorizationHeaderMalformed|301 Moved/i,
    kind: 'source',
    advice: 'Name the region of the bucket in the input: "source": {"region": "..."}.',
    example:
      'S3ServiceException:The S3 bucket addressed by the query is in a different region from this cluster.,Status 301,Error PermanentRedirect',
  },
  {
    name: 'role not attached',
    text: /not authorized to (assume|get credentials of) (IAM )?role|role .*is not (attached|associated|valid)|invalid (IAM )?role|no default (IAM )?role|default IAM role/i,
    kind: 'sqlTerminal',
    advice: 'Attach the role to the cluster, let Redshift assume it, or name another role in the input ("iamRole").',
    example:
      'User arn:aws:redshift:us-east-1:1:dbuser:c/admin is not authorized to assume IAM Role arn:aws:iam::1:role/r',
  },
  {
    name: 'S3 credentials expired',
    text: /S3ServiceException: *(The provided token has expired|[^,]*,Status \d+,Error (ExpiredToken|RequestExpired|TokenRefreshRequired)\b)/i,
    kind: 'expired',
    advice:
      "The session of the cluster's role has run out in the midst of the COPY; it is tried again with a new one. If it stays, look at the role's maximum session duration.",
    example: 'S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken',
  },
  {
    name: 'S3 denied',
    text: /S3ServiceException.*(Access Denied,|Status 403\b|Error AccessDenied)/is,
    kind: 'source',
    advice: "Give the cluster's role s3:GetObject and s3:ListBucket on the source, or name a role that has them.",
    example: 'S3ServiceException:Access Denied,Status 403,Error AccessDenied',
  },
  {
    name: 'S3 object gone',
    text: /NoSuchKey|NoSuchBucket|specified (key|bucket) does not exist|prefix .* does not exist|Mandatory url is not present|manifest .*(not found|does not exist)/i,
    kind: 'source',
    advice: 'Put the file back: the next try lists the source anew.',
    example: 'Mandatory url is not present in manifest file.',
  },
  {
    name: 'S3 throttles',
    text: /S3ServiceException.*(Status 503\b|Error (SlowDown|ServiceUnavailable))/is,
    kind: 'throttled',
    advice: 'S3 asked to slow down; it is tried again.',
    example: 'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown',
  },
  {
    name: 'S3 failed for a moment',
    text: /S3ServiceException.*(Status 500\b|Error (InternalError|RequestTimeout))/is,
    kind: 'sqlTransient',
    advice: 'S3 failed for a moment; it is tried again.',
    example: 'S3ServiceException:We encountered an internal error. Please try again.,Status 500,Error InternalError',
  },
  {
    name: 'S3 not reached',
    text: /S3CurlException|\bCurlError \d+/,
    kind: 'sqlTransient',
    advice:
      'The cluster lost its connection to S3; it is tried again. If it stays, look at its VPC: routing, and the endpoint for S3.',
    example:
      'S3CurlException: Connection timed out after 50001 milliseconds, CurlError 28, multiCurlError 0, CanRetry 1',
  },
];
