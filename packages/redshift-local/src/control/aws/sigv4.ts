import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './aws-error.js';

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** A request signed longer ago than this, or further in the future, is refused (SigV4, "Troubleshooting: credential scope"). */
const MAX_SKEW_MS = 15 * 60 * 1000;

/** One HTTP request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What an access key id stands for. */
export interface KnownKey {
  readonly secretAccessKey: string;
  /** Set for temporary keys, which are only valid together with it. */
  readonly sessionToken?: string;
  /** The caller: arn:aws:iam::...:user/... or arn:aws:sts::...:assumed-role/... */
  readonly arn: string;
  readonly userId: string;
}

/** The outcome of a verified signature. */
export interface VerifiedCaller {
  readonly accessKeyId: string;
  readonly key: KnownKey;
  readonly region: string;
  /** As in the credential scope: redshift, iam, ec2, sts, secretsmanager. */
  readonly service: string;
}

/**
 * Verifies a Signature Version 4 in the Authorization header, from AWS's specification ("Create a signed AWS API request").
 * Throws AwsError: MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, RequestExpired or SignatureDoesNotMatch.
 */
export function verifySignature(
  request: SignedRequest,
  lookUp: (accessKeyId: string) => KnownKey | undefined,
  now = new Date(),
): VerifiedCaller {
  const authorization = parseAuthorization(request.headers.authorization);
  const [accessKeyId = '', date = '', region = '', service = '', terminator] = authorization.credential.split('/');
  if (terminator !== 'aws4_request') throw incomplete('the credential scope does not end in aws4_request');
  const key = lookUp(accessKeyId);
  const token = request.headers['x-amz-security-token'];
  if (key === undefined || (key.sessionToken ?? undefined) !== token) {
    throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }
  const timestamp = String(request.headers['x-amz-date'] ?? '');
  checkAge(timestamp, date, now);
  const stringToSign = [
    ALGORITHM,
    timestamp,
    `${date}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(request, authorization.signedHeaders)),
  ].join('\n');
  const signingKey = [date, region, service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  const expected = hmac(signingKey, stringToSign);
  const given = Buffer.from(authorization.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method.',
      403,
    );
  }
  return { accessKeyId, key, region, service };
}

/** The service a request says it is for, in its credential scope; empty when it does not say. Not verified. */
export function claimedService(authorization: string | undefined): string {
  return /Credential=[^/,\s]+\/[^/,\s]+\/[^/,\s]+\/([^/,\s]+)\//.exec(authorization ?? '')?.[1] ?? '';
}

function parseAuthorization(header: string | undefined): {
  credential: string;
  signedHeaders: string[];
  signature: string;
} {
  if (header === undefined) {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const match = /^AWS4-HMAC-SHA256\s+(.*)$/.exec(header);
  if (match?.[1] === undefined) throw incomplete(`the Authorization header does not begin with ${ALGORITHM}`);
  const parts = new Map(
    match[1].split(',').map((part) => {
      const [name = '', ...value] = part.trim().split('=');
      return [name, value.join('=')] as const;
    }),
  );
  const [credential, headers, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) => parts.get(name));
  if (!credential || !headers || !signature) throw incomplete('Credential, SignedHeaders or Signature is missing');
  const signedHeaders = headers.split(';');
  if (!signedHeaders.includes('host')) throw incomplete('the host header is not signed');
  return { credential, signedHeaders, signature };
}

function checkAge(timestamp: string, scopeDate: string, now: Date): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (match === null || !timestamp.startsWith(scopeDate))
    throw incomplete('X-Amz-Date is missing or differs from the scope');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const signedAt = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Math.abs(now.getTime() - signedAt) > MAX_SKEW_MS) {
    throw new AwsError('RequestExpired', `Signature expired: ${timestamp} is too far from ${now.toISOString()}.`, 400);
  }
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [rawPath = '/', rawQuery = ''] = request.url.split('?');
  const path = rawPath.split('/').map(encode).join('/');
  const query = rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name];
    return `${name}:${String(value ?? '')
      .trim()
      .replace(/ +/g, ' ')}\n`;
  });
  return [request.method, path, query, headers.join(''), signedHeaders.join(';'), sha256(request.body)].join('\n');
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function incomplete(why: string): AwsError {
  return new AwsError('IncompleteSignature', `The request signature is not valid: ${why}.`, 400);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
