import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { RedshiftError } from '../redshift-error.js';
import { cancelledError, copyError, type StatementContext } from './copy-error.js';
import { S3Body } from './s3-body.js';
import { type S3Location, s3Url } from './s3-location.js';
import type { AwsCredential, AwsKeys, S3AuthorizationRequest, S3Settings } from './s3-settings.js';

/** One object that a COPY loads. */
export interface S3Object extends S3Location {
  /** Undefined when a manifest names it without its length. */
  readonly sizeBytes: number | undefined;
  /** Set for the entries of a manifest. */
  readonly manifestEntry?: { readonly manifestUrl: string; readonly mandatory: boolean };
}

/** An object that is being read. */
export interface OpenedObject {
  readonly body: S3Body;
  /** Undefined when S3 does not say it. */
  readonly sizeBytes: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
}

/** Whether S3 answered that there is no object of the key. */
export function isMissingObject(error: unknown): boolean {
  return error instanceof RedshiftError && (error.cause as S3Failure | undefined)?.name === 'NoSuchKey';
}

/** How a COPY reads from S3. */
export interface S3AccessOptions {
  readonly settings: S3Settings;
  readonly credential: AwsCredential;
  /** REGION of the COPY; undefined: the cluster's. */
  readonly region: string | undefined;
  readonly statement: StatementContext;
  readonly signal: AbortSignal;
}

interface S3Failure {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly extendedRequestId?: string;
  };
}

/** The messages S3 itself gives; SDK errors do not always carry them. */
const S3_MESSAGES: Readonly<Record<string, string>> = {
  AccessDenied: 'Access Denied',
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchKey: 'The specified key does not exist.',
};

/** S3 as one COPY sees it: with its credential, its region, and Redshift's error messages. */
export class S3Access {
  private readonly clients = new Map<string, S3Client>();
  private readonly checkedBuckets = new Map<string, Promise<void>>();
  private readonly closing = new AbortController();
  private readonly signal: AbortSignal;

  constructor(private readonly options: S3AccessOptions) {
    this.signal = AbortSignal.any([options.signal, this.closing.signal]);
    // Objects are read ahead, each with a listener of its own.
    setMaxListeners(0, this.signal);
  }

  /** Every object whose key starts with the prefix, page by page, in the order of S3. Folder markers are left out. */
  async *list({ bucket, key: prefix }: S3Location): AsyncGenerator<S3Object> {
    const context = `Listing bucket=${bucket} prefix=${prefix}`;
    const client = await this.client(bucket, 's3:ListBucket', `arn:aws:s3:::${bucket}`);
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
      const page = await this.guard(context, () => client.send(command, { abortSignal: this.signal }));
      for (const { Key: key = '', Size: sizeBytes = 0 } of page.Contents ?? []) {
        if (!(key.endsWith('/') && sizeBytes === 0)) yield { bucket, key, sizeBytes };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** Starts reading an object. A connection that breaks on the way is opened again where it broke. */
  async get(location: S3Location): Promise<OpenedObject> {
    const response = await this.request(location);
    const { ContentLength: sizeBytes, ETag: etag } = response;
    const body = new S3Body({
      first: response.Body as Readable,
      sizeBytes,
      signal: this.signal,
      reopen: async (from) => (await this.request(location, { from, etag })).Body as Readable,
    });
    return { body, sizeBytes, etag, lastModified: response.LastModified };
  }

  private async request(
    location: S3Location,
    rest: { readonly from: number; readonly etag: string | undefined } = { from: 0, etag: undefined },
  ): Promise<GetObjectCommandOutput> {
    const { bucket, key } = location;
    const client = await this.client(bucket, 's3:GetObject', `arn:aws:s3:::${bucket}/${key}`);
    const { signal } = this;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(rest.from > 0 && { Range: `bytes=${rest.from}-` }),
      ...(rest.etag !== undefined && { IfMatch: rest.etag }),
    });
    const context = `S3 key being read : ${s3Url(location)}`;
    const response = await this.guard(context, () => client.send(command, { abortSignal: signal }));
    // The SDK forgets the signal once the headers are there.
    const body = response.Body as Readable;
    const stop = (): void => void body.destroy(new Error('cancelled'));
    signal.addEventListener('abort', stop, { once: true });
    body.once('close', () => signal.removeEventListener('abort', stop));
    return response;
  }

  /** The whole of a small object as text. */
  async text(location: S3Location): Promise<string> {
    const { body } = await this.get(location);
    return this.guard(`S3 key being read : ${s3Url(location)}`, async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    });
  }

  /** Runs a step of reading and translates what S3 or the network throws. */
  async guard<T>(context: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      throw this.translate(error, context);
    }
  }

  /** Drops the connections, and whatever is still being read. */
  close(): void {
    this.closing.abort();
    for (const client of this.clients.values()) client.destroy();
  }

  private async client(bucket: string, action: S3AuthorizationRequest['action'], resource: string): Promise<S3Client> {
    const { credential, settings } = this.options;
    const keys =
      credential.kind === 'keys' ? credential.keys : await settings.authorize({ credential, action, resource });
    let checked = this.checkedBuckets.get(bucket);
    if (checked === undefined) {
      checked = this.checkRegion(bucket);
      this.checkedBuckets.set(bucket, checked);
    }
    await checked;
    return this.clientFor(keys);
  }

  private async checkRegion(bucket: string): Promise<void> {
    const { settings, region = settings.region, statement } = this.options;
    const actual = (await settings.bucketRegion?.(bucket)) ?? settings.region;
    if (actual === region) return;
    throw copyError(statement, {
      message: `S3ServiceException:The bucket is in this region: ${actual}. Please use this region to retry the request,Status 301,Error PermanentRedirect`,
      context: `Listing bucket=${bucket}`,
      hint: `Add REGION '${actual}' to the COPY.`,
    });
  }

  private clientFor(keys: AwsKeys): S3Client {
    const known = this.clients.get(keys.accessKeyId);
    if (known !== undefined) return known;
    const { endpoint, region, forcePathStyle } = this.options.settings;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle,
      credentials: { ...keys },
      maxAttempts: 4,
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.clients.set(keys.accessKeyId, client);
    return client;
  }

  private translate(error: unknown, context: string): Error {
    if (error instanceof RedshiftError) return error;
    if (this.signal.aborted) return cancelledError(error);
    const { name = 'Error', message = '', $metadata } = error as S3Failure;
    const status = $metadata?.httpStatusCode;
    if (status === undefined) {
      const text = `S3CurlException: ${message || name}, CurlError 7, multiCurlError 0, CanRetry 1, UserError 0`;
      return copyError(this.options.statement, { message: text, context, cause: error });
    }
    const reason = S3_MESSAGES[name] ?? (message || name);
    const ids = `Rid ${$metadata?.requestId ?? ''},ExtRid ${$metadata?.extendedRequestId ?? ''}`;
    const text = `S3ServiceException:${reason},Status ${status},Error ${name},${ids},CanRetry 1`;
    return copyError(this.options.statement, { message: text, context, cause: error });
  }
}
