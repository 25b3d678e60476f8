import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { LocalStackError } from '../../src/local-stack/local-stack-error.js';
import type { LocalStack } from '../../src/local-stack/start-local-stack.js';
import { type UploadProgress, uploadFolder } from '../../src/local-stack/upload-folder.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

describe('uploadFolder', () => {
  let stack: LocalStack;
  let client: S3Client;
  let dir: string;
  let bucket: string;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    stack = await getTestStack({ temporal: false, redshift: false });
    const { endpoint, region, accessKeyId, secretAccessKey } = stack.s3;
    client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'starshift-upload-'));
    bucket = `upload-${dir.slice(-6).toLowerCase()}`;
    await mkdir(join(dir, 'log_data/2018'), { recursive: true });
    await writeFile(join(dir, 'log_data/2018/a b+ü.json'), '{"a":1}');
    await writeFile(join(dir, 'log_data/empty.json'), '');
    await writeFile(join(dir, 'log_json_path.json'), '{}');
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));
  after(() => client.destroy());

  const keys = async () => {
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (Contents ?? []).map(({ Key }) => Key);
  };
  const upload = (prefix = '') => uploadFolder({ dir, bucket, prefix, s3: stack.s3 });

  it('creates the bucket and puts every file under its path, byte for byte', async () => {
    assert.deepEqual(await upload(), { uploadedFiles: 3, uploadedBytes: 9, skippedFiles: 0, removedObjects: 0 });
    assert.deepEqual(await keys(), ['log_data/2018/a b+ü.json', 'log_data/empty.json', 'log_json_path.json']);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'log_data/2018/a b+ü.json' }));
    assert.equal(await Body?.transformToString(), '{"a":1}');
  });

  it('skips what is already there and replaces what changed', async () => {
    await upload();
    await writeFile(join(dir, 'log_data/2018/a b+ü.json'), '{"a":2}');
    assert.deepEqual(await upload(), { uploadedFiles: 1, uploadedBytes: 7, skippedFiles: 2, removedObjects: 0 });
  });

  it('removes objects without a file, but only under the folders it uploads', async () => {
    await upload('data');
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'data/manifests/kept.json', Body: '{}' }));
    await rm(join(dir, 'log_data/empty.json'));
    assert.equal((await upload('data')).removedObjects, 1);
    assert.deepEqual(await keys(), [
      'data/log_data/2018/a b+ü.json',
      'data/log_json_path.json',
      'data/manifests/kept.json',
    ]);
  });

  it('leaves hidden files out', async () => {
    await writeFile(join(dir, 'log_data/.DS_Store'), 'x');
    assert.equal((await upload()).uploadedFiles, 3);
  });

  it('streams a file that is too large to buffer', async () => {
    await writeFile(join(dir, 'log_data/large.json'), Buffer.alloc(9 * 1024 * 1024, 'x'));
    assert.equal((await upload()).uploadedFiles, 4);
    assert.equal((await upload()).skippedFiles, 4);
  });

  it('ends its progress with all files and bytes', async () => {
    const seen: UploadProgress[] = [];
    await uploadFolder({ dir, bucket, prefix: '', s3: stack.s3, onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen.at(-1), { files: 3, totalFiles: 3, bytes: 9, totalBytes: 9 });
  });

  it('names a folder that is not there', async () => {
    await assert.rejects(
      uploadFolder({ dir: join(dir, 'missing'), bucket, prefix: '', s3: stack.s3 }),
      (error) => error instanceof LocalStackError && error.message.includes(join(dir, 'missing')),
    );
  });
});
