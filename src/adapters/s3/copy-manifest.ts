import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SourceListing } from '../../domain/facts.js';
import { callOptions } from '../aws/call-options.js';
import type { Compression } from '../redshift/stage/copy-statement.js';
import { sourceError } from './s3-failure.js';
import { joinS3Url, parseS3Url } from './s3-url.js';
import { explain, type SourceFile } from './source-files.js';

/** What a COPY will load: the files as they were listed, and the compression they share. */
export interface PinnedFiles {
  readonly compression: Compression;
  readonly files: readonly SourceFile[];
  /** What was left out of them and goes into quarantine. */
  readonly leftOut?: readonly SourceFile[];
}

/** Where a manifest goes and what it pins. */
export interface WriteManifestRequest {
  readonly s3: S3Client;
  readonly workspace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly step: string;
  readonly pinned: PinnedFiles;
  readonly signal?: AbortSignal | undefined;
}

const COMPRESSIONS: Readonly<Record<string, Compression>> = { gz: 'gzip', bz2: 'bzip2', zst: 'zstd' };

/**
 * The one compression of all files by the ends of their names, for COPY takes one.
 * @throws TerminalError of kind `source` for a mixture
 */
export function commonCompression(files: readonly SourceFile[], url: string): Compression {
  const examples = new Map<Compression, string>();
  for (const file of files) {
    const compression = COMPRESSIONS[/\.(gz|bz2|zst)$/.exec(file.url)?.[1] ?? ''] ?? 'none';
    if (!examples.has(compression)) examples.set(compression, file.url);
  }
  const [only] = examples.keys();
  if (examples.size <= 1) return only ?? 'none';
  const mixture = [...examples].map(([compression, example]) => `${compression} (${example})`).join(', ');
  throw sourceError(
    url,
    `The files under ${url} are compressed in different ways, and COPY takes one: ${mixture}. Put them under different prefixes.`,
  );
}

/**
 * Writes the COPY manifest and, beside it, what COPY's format has no place for: sizes and ETags, which the ledger records. The key
 * holds a hash of the content, so the same listing overwrites itself with the same bytes, and a manifest once returned never changes.
 */
export async function writeManifest(request: WriteManifestRequest): Promise<SourceListing> {
  const { workspace, workflowId, runId, step, pinned } = request;
  const { files } = pinned;
  const manifest = JSON.stringify({ entries: files.map(({ url }) => ({ url, mandatory: true })) });
  const listing = JSON.stringify(pinned);
  const hash = createHash('sha256').update(listing).digest('hex').slice(0, 16);
  const folder = ['manifests', workflowId, runId, step].map(keySegment).join('/');
  const manifestUrl = joinS3Url(workspace, `${folder}-${hash}.manifest`);
  await putObject(request, listingUrl(manifestUrl), listing);
  await putObject(request, manifestUrl, manifest);
  return { manifestUrl, files: files.length, sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
}

/** Reads what `writeManifest` pinned. */
export async function readPinnedFiles(request: {
  readonly s3: S3Client;
  readonly manifestUrl: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<PinnedFiles> {
  const { s3, manifestUrl, signal } = request;
  const url = listingUrl(manifestUrl);
  const { bucket, key } = parseS3Url(url);
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), callOptions(signal));
    return JSON.parse((await object.Body?.transformToString()) ?? '') as PinnedFiles;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && error.name === 'NoSuchKey') {
      throw sourceError(url, `The listing ${url} is gone from the workspace. The next try lists the source anew.`);
    }
    throw await explain(s3, error, { action: 'Reading', url, bucket });
  }
}

async function putObject(request: WriteManifestRequest, url: string, body: string): Promise<void> {
  const { s3, signal } = request;
  const { bucket, key } = parseS3Url(url);
  try {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
      callOptions(signal),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw await explain(s3, error, { action: 'Writing', url, bucket });
  }
}

function listingUrl(manifestUrl: string): string {
  return manifestUrl.replace(/\.manifest$/, '.files.json');
}

/** Workflow ids may hold anything; keys keep what needs no escaping anywhere. */
function keySegment(name: string): string {
  return name.replace(/[^\w.-]/g, '_').replace(/^\.+$/, '_');
}
