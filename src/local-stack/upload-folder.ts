import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type LocalFile, listFiles, md5OfFile } from './local-files.js';
import { LocalStackError } from './local-stack-error.js';
import type { StackAddresses } from './stack-record.js';

/** How far an upload is. Skipped files count as done. */
export interface UploadProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What an upload did. */
export interface UploadResult {
  readonly uploadedFiles: number;
  readonly uploadedBytes: number;
  /** Already there with the same size and ETag. */
  readonly skippedFiles: number;
  readonly removedObjects: number;
}

/** What to put where. */
export interface UploadRequest {
  readonly dir: string;
  /** Created when missing. */
  readonly bucket: string;
  /** Folder in the bucket, without a leading slash; "" for its root. */
  readonly prefix: string;
  readonly s3: StackAddresses['s3'];
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

interface UploadContext extends UploadRequest {
  readonly client: S3Client;
  readonly keyOf: (file: LocalFile) => string;
}

interface StoredObject {
  readonly sizeBytes: number;
  readonly eTag: string;
}

const CONCURRENCY = 24;
/** Up to this size a file is read whole, which lets the SDK send it again after a passing error. */
const BUFFERED_BYTES = 8 * 1024 * 1024;
/** S3's limit for one DeleteObjects call. */
const DELETE_BATCH = 1_000;

/**
 * Makes the folders of a bucket equal to those of a local folder, through the S3 API: objects with the same size and ETag are left
 * alone, changed ones replaced, those without a file removed (under the uploaded top-level folders only; the rest of the bucket is
 * not touched). Hidden files are left out: COPY would load every one of them. Running it again is harmless.
 * @throws LocalStackError upload-failed naming the file or bucket
 */
export async function uploadFolder(request: UploadRequest): Promise<UploadResult> {
  const client = openClient(request.s3);
  const folder = request.prefix === '' || request.prefix.endsWith('/') ? request.prefix : `${request.prefix}/`;
  const context: UploadContext = { ...request, client, keyOf: (file) => `${folder}${file.name}` };
  try {
    const files = await listFiles(request.dir);
    await createBucket(context);
    const stored = await listObjects(context, folder);
    const uploaded = await putChanged({ context, files, stored });
    const removedObjects = await removeStale({ context, files, stored, folder });
    return { ...uploaded, removedObjects };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof LocalStackError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalStackError(
      'upload-failed',
      `Uploading ${request.dir} to s3://${request.bucket}/${folder} at ${request.s3.endpoint} failed: ${reason}`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

function openClient(s3: StackAddresses['s3']): S3Client {
  return new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
}

async function createBucket({ client, bucket, s3 }: UploadContext): Promise<void> {
  // S3 refuses us-east-1 as a constraint: it is what no constraint means.
  const isDefaultRegion = s3.region === 'us-east-1';
  const location = isDefaultRegion
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: s3.region as 'us-west-2' } };
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...location }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
}

async function listObjects({ client, bucket }: UploadContext, folder: string): Promise<Map<string, StoredObject>> {
  const objects = new Map<string, StoredObject>();
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: folder, ...(token && { ContinuationToken: token }) }),
    );
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      if (Key !== undefined) objects.set(Key, { sizeBytes: Size ?? 0, eTag: (ETag ?? '').replaceAll('"', '') });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return objects;
}

async function putChanged(work: {
  readonly context: UploadContext;
  readonly files: readonly LocalFile[];
  readonly stored: ReadonlyMap<string, StoredObject>;
}): Promise<Omit<UploadResult, 'removedObjects'>> {
  const { context, files, stored } = work;
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const done = { files: 0, bytes: 0, uploadedFiles: 0, uploadedBytes: 0 };
  const queue = files.values();
  const lane = async () => {
    for (const file of queue) {
      context.signal?.throwIfAborted();
      if (!(await isSame(file, stored.get(context.keyOf(file))))) {
        await put(context, file);
        done.uploadedFiles += 1;
        done.uploadedBytes += file.sizeBytes;
      }
      done.files += 1;
      done.bytes += file.sizeBytes;
      context.onProgress?.({ files: done.files, totalFiles: files.length, bytes: done.bytes, totalBytes });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  const { uploadedFiles, uploadedBytes } = done;
  return { uploadedFiles, uploadedBytes, skippedFiles: files.length - uploadedFiles };
}

/** The ETag of an object put in one piece is its MD5 (S3 API reference, "Object"). */
async function isSame(file: LocalFile, stored: StoredObject | undefined): Promise<boolean> {
  return stored?.sizeBytes === file.sizeBytes && stored.eTag === (await md5OfFile(file.path));
}

async function put(context: UploadContext, file: LocalFile): Promise<void> {
  const { client, bucket, signal } = context;
  const key = context.keyOf(file);
  const body = file.sizeBytes <= BUFFERED_BYTES ? await readFile(file.path) : createReadStream(file.path);
  try {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: file.sizeBytes });
    await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocalStackError('upload-failed', `Uploading ${file.path} to s3://${bucket}/${key} failed: ${reason}`, {
      cause,
    });
  }
}

async function removeStale(work: {
  readonly context: UploadContext;
  readonly files: readonly LocalFile[];
  readonly stored: ReadonlyMap<string, StoredObject>;
  readonly folder: string;
}): Promise<number> {
  const { context, files, stored, folder } = work;
  const kept = new Set(files.map(context.keyOf));
  const folders = new Set(
    files.filter((file) => file.name.includes('/')).map((file) => `${folder}${file.name.split('/')[0]}/`),
  );
  const isOurs = (key: string) => [...folders].some((name) => key.startsWith(name));
  const stale = [...stored.keys()].filter((key) => isOurs(key) && !kept.has(key));
  for (let start = 0; start < stale.length; start += DELETE_BATCH) {
    const Objects = stale.slice(start, start + DELETE_BATCH).map((Key) => ({ Key }));
    const answer = await context.client.send(
      new DeleteObjectsCommand({ Bucket: context.bucket, Delete: { Objects, Quiet: true } }),
    );
    const failed = answer.Errors?.[0];
    if (failed !== undefined) throw new Error(`cannot remove ${failed.Key}: ${failed.Message}`);
  }
  return stale.length;
}
