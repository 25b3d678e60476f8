import { GetBucketLocationCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { callOptions } from '../aws/call-options.js';
import { notListedError, type S3ErrorContext, sourceError, toS3Error } from './s3-failure.js';
import { formatS3Url, parseS3Url } from './s3-url.js';

/** An object that COPY will load. */
export interface SourceFile {
  /** `s3://` URL. */
  readonly url: string;
  readonly etag?: string | undefined;
  readonly sizeBytes: number;
}

/** What is to be listed. */
export interface ListFilesRequest {
  readonly s3: S3Client;
  /** `s3://bucket/prefix`. */
  readonly url: string;
  /** `s3://` prefix that is ours and no source. */
  readonly workspace: string;
  readonly signal?: AbortSignal | undefined;
  /** Called after each page. */
  readonly onPage?: ((files: number) => void) | undefined;
}

/**
 * The objects below a prefix, of which there must be some; see findSourceFiles.
 *
 * @throws TerminalError of kind `source` for a missing bucket, denied access, a prefix without files
 */
export async function listSourceFiles(request: ListFilesRequest): Promise<readonly SourceFile[]> {
  const { url } = request;
  const files = await findSourceFiles(request);
  if (files.length > 0) return files;
  throw sourceError(
    url,
    `There are no files under ${url}. Correct "source.url" or the prefix in warehouse.yaml, or upload the files.`,
  );
}

/**
 * The objects below a prefix, in the order of their keys; folder markers and Starshift's own workspace are none of them.
 *
 * @throws TerminalError of kind `source` for a missing bucket, denied access
 */
export async function findSourceFiles(request: ListFilesRequest): Promise<readonly SourceFile[]> {
  const { s3, url, workspace, signal } = request;
  const { bucket, key: prefix } = parseS3Url(url);
  const files: SourceFile[] = [];
  try {
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }, callOptions(signal));
    for await (const page of pages) {
      for (const { Key: key = '', Size: sizeBytes = 0, ETag: etag } of page.Contents ?? []) {
        const file = { url: formatS3Url({ bucket, key }), etag: etag?.replaceAll('"', ''), sizeBytes };
        if (!isFolderMarker(key, sizeBytes) && !file.url.startsWith(workspace)) files.push(file);
      }
      request.onPage?.(files.length);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw await explain(s3, error, { action: 'Listing', url, bucket });
  }
  return files;
}

/** A listing without the files that a person left out. */
export interface ChosenFiles {
  readonly files: readonly SourceFile[];
  readonly leftOut: readonly SourceFile[];
}

/**
 * Parts the files of a prefix from those to leave out, keys or `s3://` URLs.
 * @throws TerminalError notListed when one of them is not there
 */
export function leaveOut(
  files: readonly SourceFile[],
  { exclude, url }: { readonly exclude: readonly string[]; readonly url: string },
): ChosenFiles {
  const excluded = new Set(exclude.map((name) => fileUrl(name, url)));
  const leftOut = files.filter((file) => excluded.has(file.url));
  const missing = withoutUrls(excluded, leftOut);
  if (missing.length > 0) throw notListedError(url, { missing, wish: 'left out' });
  return { files: files.filter((file) => !excluded.has(file.url)), leftOut };
}

/** A key in the bucket of `url`, or an `s3://` URL, as the URL. */
export function fileUrl(name: string, url: string): string {
  return name.startsWith('s3://') ? name : formatS3Url({ bucket: parseS3Url(url).bucket, key: name });
}

/** Those of the URLs that none of the files has. */
export function withoutUrls(urls: Iterable<string>, files: readonly SourceFile[]): readonly string[] {
  const there = new Set(files.map((file) => file.url));
  return [...urls].filter((url) => !there.has(url));
}

/** @throws TerminalError of kind `source` when the object is not there */
export async function requireObject(request: {
  readonly s3: S3Client;
  readonly url: string;
  /** For example `JSONPaths file`. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { s3, url, what, signal } = request;
  const { bucket, key } = parseS3Url(url);
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), callOptions(signal));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && ['NotFound', 'NoSuchKey'].includes(error.name)) {
      throw sourceError(url, `The ${what} ${url} does not exist. Upload it, or correct its key in warehouse.yaml.`);
    }
    throw await explain(s3, error, { action: 'Reading', url, bucket });
  }
}

/** The error with the bucket's region in it where that is the trouble. */
export async function explain(s3: S3Client, error: unknown, context: S3ErrorContext): Promise<Error> {
  const known = toS3Error(error, context);
  if (known.code !== 'PermanentRedirect') return known;
  return toS3Error(error, { ...context, bucketRegion: await bucketRegion(s3, context.bucket) });
}

/** Region of a bucket; undefined when S3 does not tell. */
async function bucketRegion(s3: S3Client, bucket: string): Promise<string | undefined> {
  try {
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }));
    return LocationConstraint ?? 'us-east-1';
  } catch {
    // Only a hint: the error it belongs to is thrown in any case.
    return undefined;
  }
}

function isFolderMarker(key: string, sizeBytes: number): boolean {
  return key.endsWith('/') && sizeBytes === 0;
}
