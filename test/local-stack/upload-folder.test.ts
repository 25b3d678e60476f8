import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { LocalStackError } from '../../src/local-stack/local-stack-error.js';
import type { LocalStack } from '../../src/local-stack/start-local-stack.js';
import { findOtherData, type UploadProgress, uploadFolder } from '../../src/local-stack/upload-folder.js';
import { uploadRecordPath } from '../../src/local-stack/upload-record.js';
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
    await mkdir(`${dir}-state`);
  });

  afterEach(async () => {
    for (const folder of [dir, `${dir}-state`]) await rm(folder, { recursive: true, force: true });
  });
  after(() => client.destroy());

  const keys = async () => {
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (Contents ?? []).map(({ Key }) => Key);
  };
  /** The record of each test is its own. */
  const request = (prefix = '', source = 'the sample') => ({
    ...{ dir, source, bucket, prefix, s3: stack.s3, recordFile: uploadRecordPath(`${dir}-state`) },
  });
  const upload = (prefix = '', source?: string) => uploadFolder(request(prefix, source));
  const write = (key: string, body: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const read = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body?.transformToString();
  };
  const nothing = {
    ...{ uploadedFiles: 0, uploadedBytes: 0, skippedFiles: 0, replacedObjects: 0, removedObjects: 0 },
    ...{ changed: [], foreign: [], earlierSource: undefined },
  };

  it('creates the bucket and puts every file under its path, byte for byte', async () => {
    assert.deepEqual(await upload(), { ...nothing, uploadedFiles: 3, uploadedBytes: 9 });
    assert.deepEqual(await keys(), ['log_data/2018/a b+ü.json', 'log_data/empty.json', 'log_json_path.json']);
    assert.equal(await read('log_data/2018/a b+ü.json'), '{"a":1}');
  });

  it('skips what is already there and replaces what changed', async () => {
    await upload();
    await writeFile(join(dir, 'log_data/2018/a b+ü.json'), '{"a":2}');
    const expected = { ...nothing, uploadedFiles: 1, uploadedBytes: 7, skippedFiles: 2, replacedObjects: 1 };
    assert.deepEqual(await upload(), expected);
  });

  it('removes what it uploaded and is no file any more, and leaves what others put beside it', async () => {
    await upload('data');
    await write('data/log_data/broken.json', 'theirs');
    await rm(join(dir, 'log_data/empty.json'));
    const expected = { ...nothing, skippedFiles: 2, removedObjects: 1, foreign: ['log_data/broken.json'] };
    assert.deepEqual(await upload('data'), expected);
    assert.deepEqual(await keys(), [
      'data/log_data/2018/a b+ü.json',
      'data/log_data/broken.json',
      'data/log_json_path.json',
    ]);
  });

  it('neither replaces nor removes a file of its own that somebody has changed', async () => {
    await upload();
    await write('log_data/2018/a b+ü.json', 'changed');
    await write('log_data/empty.json', 'changed');
    await rm(join(dir, 'log_data/empty.json'));
    const changed = ['log_data/2018/a b+ü.json', 'log_data/empty.json'];
    for (const time of ['first', 'second']) {
      assert.deepEqual(await upload(), { ...nothing, skippedFiles: 1, changed }, time);
    }
    assert.deepEqual(
      [await read('log_data/2018/a b+ü.json'), await read('log_data/empty.json')],
      ['changed', 'changed'],
    );
  });

  it('without a record takes for its own what has the content of its file, and nothing else', async () => {
    await upload();
    await write('log_data/empty.json', 'theirs');
    await write('log_data/more.json', 'theirs');
    await rm(uploadRecordPath(`${dir}-state`));
    const expected = { ...nothing, skippedFiles: 2, changed: ['log_data/empty.json'], foreign: ['log_data/more.json'] };
    assert.deepEqual(await upload(), expected);
    await writeFile(join(dir, 'log_json_path.json'), '{ }');
    assert.equal((await upload()).replacedObjects, 1);
  });

  it('gives its files for those of another data set, and says whose they were', async () => {
    await upload();
    await rm(join(dir, 'log_data/empty.json'));
    await writeFile(join(dir, 'log_data/2018/a b+ü.json'), '{"a":2}');
    const { replacedObjects, removedObjects, earlierSource } = await upload('', '/music');
    assert.deepEqual(
      { replacedObjects, removedObjects, earlierSource },
      { replacedObjects: 1, removedObjects: 1, earlierSource: 'the sample' },
    );
    assert.equal((await upload('', '/music')).earlierSource, undefined);
  });

  it('knows its files again after an upload that was broken off', async () => {
    const stop = new AbortController();
    const onProgress = ({ files }: UploadProgress) => files > 0 && stop.abort(new Error('stopped'));
    await assert.rejects(uploadFolder({ ...request(), onProgress, signal: stop.signal }), /stopped/);
    const there = (await keys()).length;
    assert.ok(there > 0);
    for (const name of ['2018/a b+ü.json', 'empty.json']) await rm(join(dir, 'log_data', name));
    await writeFile(join(dir, 'log_data/other.json'), '{}');
    const { foreign, changed } = await upload('', '/music');
    assert.deepEqual(
      { foreign, changed, keys: await keys() },
      { foreign: [], changed: [], keys: ['log_data/other.json', 'log_json_path.json'] },
    );
  });

  it('finds the data set that another upload or somebody else left there', async () => {
    assert.equal(await findOtherData(request()), undefined);
    await upload('mine', '/music');
    assert.equal(await findOtherData(request('mine', '/music')), undefined);
    assert.deepEqual(await findOtherData(request('mine')), { source: '/music', files: 3 });
    await write('theirs/log_data/one.json', '{}');
    assert.deepEqual(await findOtherData(request('theirs')), { source: undefined, files: 1 });
    await upload('theirs');
    assert.equal(await findOtherData(request('theirs')), undefined);
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
    await uploadFolder({ ...request(), onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen.at(-1), { files: 3, totalFiles: 3, bytes: 9, totalBytes: 9 });
  });

  it('names a folder that is not there', async () => {
    await assert.rejects(
      uploadFolder({ ...request(), dir: join(dir, 'missing') }),
      (error) => error instanceof LocalStackError && error.message.includes(join(dir, 'missing')),
    );
  });
});
