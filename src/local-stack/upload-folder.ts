import { listFiles, md5OfFile } from './local-files.js';
import { LocalStackError } from './local-stack-error.js';
import type { StackAddresses } from './stack-record.js';
import { UploadBucket } from './upload-bucket.js';
import { type KeyedFile, planUpload, type UploadPlan } from './upload-plan.js';
import { readUploaded, type Uploaded, writeUploaded } from './upload-record.js';

/** How far an upload is. Files that need not be put count as done. */
export interface UploadProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What an upload did. Names are relative to the uploaded folder. */
export interface UploadResult {
  readonly uploadedFiles: number;
  readonly uploadedBytes: number;
  /** Already there with the same content. */
  readonly skippedFiles: number;
  /** Of the uploaded files: those that took the place of an earlier content of ours. */
  readonly replacedObjects: number;
  readonly removedObjects: number;
  /** Files of the data set that somebody has changed in the bucket: they stay. */
  readonly changed: readonly string[];
  /** Files in the bucket that are not of the data set: they stay. */
  readonly foreign: readonly string[];
  /** What an earlier upload put there, where it was another data set. */
  readonly earlierSource: string | undefined;
}

/** What to put where. */
export interface UploadRequest {
  readonly dir: string;
  /** What the files are of, for the record: `the sample`, or a folder. */
  readonly source: string;
  /** Created when missing. */
  readonly bucket: string;
  /** Folder in the bucket, without a leading slash; "" for its root. */
  readonly prefix: string;
  readonly s3: StackAddresses['s3'];
  /** Remembers what is ours: uploadRecordPath. */
  readonly recordFile: string;
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Somebody's data where other data was to go. */
export interface OtherData {
  /** Undefined: it was not Starshift that put it there. */
  readonly source: string | undefined;
  readonly files: number;
}

interface UploadContext extends UploadRequest {
  readonly target: UploadBucket;
  /** The prefix with a slash at its end. */
  readonly folder: string;
  /** Names the folder in the record. */
  readonly place: string;
}

interface Prepared {
  readonly files: readonly KeyedFile[];
  readonly plan: UploadPlan;
  readonly stored: ReadonlyMap<string, string>;
  readonly uploaded: Uploaded | undefined;
}

const CONCURRENCY = 24;

/**
 * Puts a local folder into a bucket, through the S3 API: objects with the same content are left alone; of the others, only what
 * Starshift has uploaded and nobody has changed since is replaced, or removed when it is no file of the folder any more. Hidden files
 * are left out: COPY would load every one of them. Running it again is harmless, also after an upload that was broken off.
 * @throws LocalStackError upload-failed naming the file or bucket
 */
export function uploadFolder(request: UploadRequest): Promise<UploadResult> {
  return withBucket(request, async (context) => {
    await context.target.create();
    const prepared = await prepare(context);
    const { plan, uploaded } = prepared;
    await remember(context, withPlanned(prepared, context.source));
    const put = await putAll(context, prepared);
    await context.target.remove(plan.removed);
    const ours = [...plan.same, ...plan.put].map(({ key, md5 }) => [key, [put.get(key) ?? md5]] as const);
    await remember(context, { source: context.source, objects: Object.fromEntries([...ours, ...lost(prepared)]) });
    const nameOf = (key: string) => key.slice(context.folder.length);
    return {
      uploadedFiles: plan.put.length,
      uploadedBytes: bytesOf(plan.put),
      skippedFiles: plan.same.length,
      replacedObjects: plan.replaced.length,
      removedObjects: plan.removed.length,
      changed: plan.changed.map(nameOf),
      foreign: plan.foreign.map(nameOf),
      earlierSource: uploaded?.source === context.source ? undefined : uploaded?.source,
    };
  });
}

/**
 * The data set that an upload would replace or mix with: another one that Starshift uploaded, or, where nothing is of this one,
 * somebody's own files. Changes nothing.
 * @throws LocalStackError upload-failed naming the bucket
 */
export function findOtherData(request: UploadRequest): Promise<OtherData | undefined> {
  return withBucket(request, async (context) => {
    const { plan, stored, uploaded } = await prepare(context);
    const isThere = Object.entries(uploaded?.objects ?? {}).some(([key, tags]) => tags.includes(stored.get(key) ?? ''));
    if (uploaded !== undefined && uploaded.source !== context.source && isThere) {
      return { source: uploaded.source, files: stored.size };
    }
    // Every data set may have the same few files at its root.
    const isData = (key: string) => key.slice(context.folder.length).includes('/');
    const others = [...plan.changed, ...plan.foreign].filter(isData);
    const isOurs = isThere || plan.same.some(({ key }) => isData(key));
    return others.length === 0 || isOurs ? undefined : { source: undefined, files: others.length };
  });
}

async function withBucket<T>(request: UploadRequest, work: (context: UploadContext) => Promise<T>): Promise<T> {
  const { bucket, prefix, s3, dir, signal } = request;
  const target = new UploadBucket(s3, bucket);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const place = `s3://${bucket}/${folder}`;
  try {
    return await work({ ...request, target, folder, place });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LocalStackError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const text = `Uploading ${dir} to ${place} at ${s3.endpoint} failed: ${reason}`;
    throw new LocalStackError('upload-failed', text, { cause: error });
  } finally {
    target.close();
  }
}

async function prepare({ dir, folder, place, recordFile, target, signal }: UploadContext): Promise<Prepared> {
  const found = await listFiles(dir);
  const md5s = new Map<string, string>();
  await inLanes(found, signal, async ({ name, path }) => void md5s.set(name, await md5OfFile(path)));
  const files = found.map((file) => ({ ...file, key: `${folder}${file.name}`, md5: md5s.get(file.name) ?? '' }));
  const stored = await target.list(folder);
  const uploaded = await readUploaded(recordFile, place);
  return { files, stored, uploaded, plan: planUpload({ files, stored, uploaded }) };
}

function remember({ recordFile, place }: UploadContext, uploaded: Uploaded): Promise<void> {
  return writeUploaded(recordFile, place, uploaded);
}

/**
 * What is ours while an upload goes on: what was, and what will be. Written first, so that an upload that is broken off leaves nothing
 * that looks like somebody else's. The ETag of an object put in one piece is its MD5 (S3 API reference, "Object").
 */
function withPlanned({ plan, uploaded }: Prepared, source: string): Uploaded {
  const objects: Record<string, readonly string[]> = { ...uploaded?.objects };
  for (const { key, md5 } of [...plan.put, ...plan.same]) objects[key] = [...new Set([...(objects[key] ?? []), md5])];
  return { source, objects };
}

/** Files of ours that somebody has changed: that they were ours is how the next start knows the change. */
function lost({ plan, uploaded }: Prepared): (readonly [string, readonly string[]])[] {
  return plan.changed.flatMap((key) => {
    const tags = uploaded?.objects[key];
    return tags === undefined ? [] : [[key, tags] as const];
  });
}

/** The ETags of what was put, by key. */
async function putAll(context: UploadContext, { files, plan }: Prepared): Promise<ReadonlyMap<string, string>> {
  const { target, signal, onProgress } = context;
  const totals = { totalFiles: files.length, totalBytes: bytesOf(files) };
  const done = { files: files.length - plan.put.length, bytes: totals.totalBytes - bytesOf(plan.put) };
  const put = new Map<string, string>();
  onProgress?.({ ...done, ...totals });
  await inLanes(plan.put, signal, async (file) => {
    put.set(file.key, await target.put(file, signal));
    done.files += 1;
    done.bytes += file.sizeBytes;
    onProgress?.({ ...done, ...totals });
  });
  return put;
}

async function inLanes<T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) {
      signal?.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

function bytesOf(files: readonly KeyedFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}
