import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { StackAddresses } from '../src/local-stack/stack-record.js';
import type { SourceFiles } from './samples.js';

export const BUCKET = 'faults';
const LANES = 16;

/** The bucket that runs load from, reached past the proxy. */
export class SourceBucket {
  readonly #client: S3Client;

  constructor({ endpoint, region, accessKeyId, secretAccessKey }: StackAddresses['s3']) {
    this.#client = new S3Client({
      ...{ endpoint, region, forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  async create(): Promise<void> {
    await this.#client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  }

  /** Puts what `files` has and `before` has not, or has otherwise; what only `before` has is deleted. */
  async replace(prefix: string, files: SourceFiles, before: SourceFiles = new Map()): Promise<void> {
    const changed = [...files].filter(([key, body]) => before.get(key)?.equals(body) !== true);
    const gone = [...before.keys()].filter((key) => !files.has(key));
    await inLanes([...changed, ...gone.map((key) => [key, undefined] as const)], async ([key, body]) => {
      const where = { Bucket: BUCKET, Key: `${prefix}${key}` };
      if (body === undefined) await this.#client.send(new DeleteObjectCommand(where));
      else await this.#client.send(new PutObjectCommand({ ...where, Body: body }));
    });
  }

  close(): void {
    this.#client.destroy();
  }
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
