import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { LocalStackError } from './local-stack-error.js';
import type { StackAddresses } from './stack-record.js';
import type { KeyedFile } from './upload-plan.js';

/** Up to this size a file is read whole, which lets the SDK send it again after a passing error. */
const BUFFERED_BYTES = 8 * 1024 * 1024;
/** S3's limit for one DeleteObjects call. */
const DELETE_BATCH = 1_000;

/** A bucket of the local S3, with what an upload does to it. */
export class UploadBucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #region: string;

  constructor(s3: StackAddresses['s3'], bucket: string) {
    this.#bucket = bucket;
    this.#region = s3.region;
    this.#client = new S3Client({
      endpoint: s3.endpoint,
      region: s3.region,
      forcePathStyle: true,
      credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
    });
  }

  close(): void {
    this.#client.destroy();
  }

  /** Creates the bucket unless it is there. */
  async create(): Promise<void> {
    // S3 refuses us-east-1 as a constraint: it is what no constraint means.
    const isDefaultRegion = this.#region === 'us-east-1';
    const location = isDefaultRegion
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: this.#region as 'us-west-2' } };
    try {
      await this.#client.send(new CreateBucketCommand({ Bucket: this.#bucket, ...location }));
    } catch (error) {
      if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
    }
  }

  /** ETags of the objects below a folder, by key; none when there is no such bucket. */
  async list(folder: string): Promise<Map<string, string>> {
    const objects = new Map<string, string>();
    let token: string | undefined;
    do {
      const page = await this.#page(folder, token);
      for (const { Key, ETag } of page?.Contents ?? []) {
        if (Key !== undefined) objects.set(Key, (ETag ?? '').replaceAll('"', ''));
      }
      token = page?.NextContinuationToken;
    } while (token !== undefined);
    return objects;
  }

  async #page(folder: string, token: string | undefined) {
    const where = { Bucket: this.#bucket, Prefix: folder };
    const command = new ListObjectsV2Command({ ...where, ...(token && { ContinuationToken: token }) });
    try {
      return await this.#client.send(command);
    } catch (error) {
      if (error instanceof NoSuchBucket) return undefined;
      throw error;
    }
  }

  /**
   * @returns the ETag that the object got
   * @throws LocalStackError upload-failed naming the file and the object
   */
  async put(file: KeyedFile, signal: AbortSignal | undefined): Promise<string> {
    const { key: Key, path, sizeBytes } = file;
    const Body = sizeBytes <= BUFFERED_BYTES ? await readFile(path) : createReadStream(path);
    try {
      const command = new PutObjectCommand({ Bucket: this.#bucket, Key, Body, ContentLength: sizeBytes });
      const { ETag } = await this.#client.send(command, signal === undefined ? {} : { abortSignal: signal });
      return (ETag ?? '').replaceAll('"', '');
    } catch (cause) {
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      const text = `Uploading ${path} to s3://${this.#bucket}/${Key} failed: ${reason}`;
      throw new LocalStackError('upload-failed', text, { cause });
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += DELETE_BATCH) {
      const Objects = keys.slice(start, start + DELETE_BATCH).map((Key) => ({ Key }));
      const answer = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      const failed = answer.Errors?.[0];
      if (failed !== undefined) throw new Error(`cannot remove ${failed.Key}: ${failed.Message}`);
    }
  }
}
