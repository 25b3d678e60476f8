import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { copyError, type StatementContext } from './copy-error.js';
import { isMissingObject, type S3Access, type S3Object } from './s3-access.js';
import type { S3Body } from './s3-body.js';
import { s3Url } from './s3-location.js';

/** Objects up to this size are fetched whole, ahead of their turn. */
const SMALL_BYTES = 1024 * 1024;
/** Small objects fetched ahead; with {@link SMALL_BYTES} this bounds the memory they take. */
const READ_AHEAD = 12;
/** Bytes handed on at once, so that other sessions and cancels get their turn. */
const PIECE_BYTES = 64 * 1024;

/** An object whose bytes are being read. */
export interface OpenObject {
  readonly object: S3Object;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
  /** The decompressed content in pieces of at most 64 KiB. */
  readonly pieces: AsyncIterable<Buffer>;
}

/** What is read, and how. */
export interface ObjectStreamOptions {
  readonly objects: readonly S3Object[];
  readonly access: S3Access;
  readonly gzip: boolean;
  readonly statement: StatementContext;
}

interface Fetched {
  readonly body: Buffer | S3Body;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
}

/**
 * - `missing`: an optional entry of a manifest that is not there.
 * - `large`: to be read when its turn comes.
 */
type FetchResult = Fetched | 'missing' | 'large';

/** Opens the objects one after the other, in order, while the next small ones are already on their way. */
export async function* openObjects(options: ObjectStreamOptions): AsyncGenerator<OpenObject> {
  const { objects } = options;
  const ahead: Promise<FetchResult>[] = [];
  let started = 0;
  for (const object of objects) {
    while (started < objects.length && ahead.length < READ_AHEAD) {
      const result = fetchAhead(objects[started++] as S3Object, options);
      // A failure is reported when the object's turn comes, or never, when an earlier one ends the COPY.
      result.catch(() => undefined);
      ahead.push(result);
    }
    const early = await (ahead.shift() as Promise<FetchResult>);
    const fetched = early === 'large' ? await fetchObject(object, options) : early;
    if (fetched === 'missing') continue;
    const { body, sizeBytes, etag, lastModified } = fetched;
    yield { object, sizeBytes, etag, lastModified, pieces: pieces(body, object, options) };
  }
}

/** A large object waits for its turn: an idle stream would be cut off by the server, and whole it would fill the memory. */
async function fetchAhead(object: S3Object, options: ObjectStreamOptions): Promise<FetchResult> {
  if (object.sizeBytes !== undefined && object.sizeBytes > SMALL_BYTES) return 'large';
  const fetched = await fetchObject(object, options);
  if (fetched === 'missing' || fetched.sizeBytes > SMALL_BYTES) {
    if (fetched !== 'missing') (fetched.body as S3Body).destroy();
    return fetched === 'missing' ? fetched : 'large';
  }
  const chunks: Buffer[] = [];
  await options.access.guard(`S3 key being read : ${s3Url(object)}`, async () => {
    for await (const chunk of fetched.body as S3Body) chunks.push(chunk);
  });
  return { ...fetched, body: Buffer.concat(chunks) };
}

async function fetchObject(object: S3Object, { access, statement }: ObjectStreamOptions): Promise<Fetched | 'missing'> {
  try {
    const { body, sizeBytes, etag = '', lastModified } = await access.get(object);
    return { body, sizeBytes: sizeBytes ?? object.sizeBytes ?? 0, etag: etag.replaceAll('"', ''), lastModified };
  } catch (error) {
    const entry = object.manifestEntry;
    if (entry === undefined || !isMissingObject(error)) throw error;
    if (!entry.mandatory) return 'missing';
    const context = `Manifest file location=${entry.manifestUrl} url=${s3Url(object)}`;
    throw copyError(statement, { message: 'Mandatory url is not present in manifest file.', context, cause: error });
  }
}

async function* pieces(body: Buffer | S3Body, object: S3Object, options: ObjectStreamOptions): AsyncGenerator<Buffer> {
  const source = Buffer.isBuffer(body) ? [body] : body;
  const stream = options.gzip ? gunzip(source, object, options) : source;
  const context = `S3 key being read : ${s3Url(object)}`;
  const iterator = Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  try {
    for (;;) {
      const next = await options.access.guard(context, async () => iterator.next());
      if (next.done) return;
      for (let at = 0; at < next.value.length; at += PIECE_BYTES) yield next.value.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    if (!Buffer.isBuffer(body)) body.destroy();
  }
}

async function* gunzip(
  source: Iterable<Buffer> | AsyncIterable<Buffer>,
  object: S3Object,
  { statement }: ObjectStreamOptions,
): AsyncGenerator<Buffer> {
  const input = Readable.from(source);
  const inflated = createGunzip({ chunkSize: PIECE_BYTES });
  input.once('error', (error) => inflated.destroy(error));
  try {
    for await (const chunk of input.pipe(inflated)) yield chunk as Buffer;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_')) {
      const message = `Failed to decompress ${s3Url(object)}: ${(error as Error).message}`;
      throw copyError(statement, { message, context: `S3 key being read : ${s3Url(object)}`, cause: error });
    }
    throw error;
  } finally {
    input.destroy();
  }
}
