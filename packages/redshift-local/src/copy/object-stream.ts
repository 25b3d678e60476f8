import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { copyError, type StatementContext } from './copy-error.js';
import type { S3Access, S3Object } from './s3-access.js';
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
  readonly body: Buffer | Readable;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date | undefined;
}

/** Opens the objects one after the other, in order, while the next small ones are already on their way. */
export async function* openObjects(options: ObjectStreamOptions): AsyncGenerator<OpenObject> {
  const { objects } = options;
  const ahead: Promise<Fetched>[] = [];
  let opened = 0;
  for (const [index, object] of objects.entries()) {
    while (opened < objects.length && opened - index < READ_AHEAD && mayOpen(objects, opened, index)) {
      const fetched = fetchObject(objects[opened++] as S3Object, options);
      // A failure is reported when the object's turn comes, or never, when an earlier one ends the COPY.
      fetched.catch(() => undefined);
      ahead.push(fetched);
    }
    const { body, sizeBytes, etag, lastModified } = await (ahead.shift() as Promise<Fetched>);
    yield { object, sizeBytes, etag, lastModified, pieces: pieces(body, object, options) };
  }
}

/** A large object waits for its turn: an idle stream would be cut off by the server, and whole it would fill the memory. */
function mayOpen(objects: readonly S3Object[], candidate: number, current: number): boolean {
  return (
    candidate === current || ((objects[candidate] as S3Object).sizeBytes ?? Number.POSITIVE_INFINITY) <= SMALL_BYTES
  );
}

async function fetchObject(object: S3Object, { access }: ObjectStreamOptions): Promise<Fetched> {
  const response = await access.get(object);
  const sizeBytes = response.ContentLength ?? object.sizeBytes ?? 0;
  const body = response.Body as Readable;
  const facts = { sizeBytes, etag: (response.ETag ?? '').replaceAll('"', ''), lastModified: response.LastModified };
  if (sizeBytes > SMALL_BYTES) return { ...facts, body };
  const chunks: Buffer[] = [];
  await access.guard(`S3 key being read : ${s3Url(object)}`, async () => {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  });
  return { ...facts, body: Buffer.concat(chunks) };
}

async function* pieces(
  body: Buffer | Readable,
  object: S3Object,
  options: ObjectStreamOptions,
): AsyncGenerator<Buffer> {
  const source = Buffer.isBuffer(body) ? [body] : body;
  const stream = options.gzip ? gunzip(source, object, options) : source;
  const context = `S3 key being read : ${s3Url(object)}`;
  const iterator =
    (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]?.() ?? (source as Buffer[])[Symbol.iterator]();
  try {
    for (;;) {
      const next = await options.access.guard(context, async () => iterator.next());
      if (next.done) return;
      for (let at = 0; at < next.value.length; at += PIECE_BYTES) yield next.value.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    if (body instanceof Readable) body.destroy();
  }
}

async function* gunzip(
  source: Iterable<Buffer> | Readable,
  object: S3Object,
  { statement }: ObjectStreamOptions,
): AsyncGenerator<Buffer> {
  const input = source instanceof Readable ? source : Readable.from(source);
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
