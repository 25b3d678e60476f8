import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { commonCompression, readPinnedFiles, writeManifest } from '../../../src/adapters/s3/copy-manifest.js';
import { parseS3Url } from '../../../src/adapters/s3/s3-url.js';
import { leaveOut, listSourceFiles, requireObject } from '../../../src/adapters/s3/source-files.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../support/stack.js';

describe('S3 source', () => {
  const bucket = `source-${randomBytes(4).toString('hex')}`;
  const workspace = `s3://${bucket}/.starshift/`;
  let s3: S3Client;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    const stack = await getTestStack({ temporal: false, s3: true, redshift: false });
    const { endpoint, region, accessKeyId, secretAccessKey } = stack.s3;
    s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await put('log_data/1.json', '{"a":1}\n');
    await put('log_data/2.json', '{"a":22}\n');
    await put('log_data/marker/', '');
    await put('.starshift/manifests/old.manifest', '{}');
  });

  after(() => s3?.destroy());

  async function put(key: string, body: string): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));
  }

  function list(url: string) {
    return listSourceFiles({ s3, url, workspace });
  }

  async function listWithout(url: string, exclude: readonly string[]) {
    return leaveOut(await list(url), { exclude, url });
  }

  it('lists the files of a prefix with size and ETag, without folder markers', async () => {
    assert.deepEqual(await list(`s3://${bucket}/log_data/`), [
      { url: `s3://${bucket}/log_data/1.json`, etag: '4588ff3797b78d819d858fa3bdd82b09', sizeBytes: 8 },
      { url: `s3://${bucket}/log_data/2.json`, etag: '5f8a12eb2269443022906a37b866932a', sizeBytes: 9 },
    ]);
  });

  it('never takes its own workspace for a source', async () => {
    const urls = (await list(`s3://${bucket}`)).map(({ url }) => url);
    assert.deepEqual(urls, [`s3://${bucket}/log_data/1.json`, `s3://${bucket}/log_data/2.json`]);
  });

  it('leaves out files by key or by URL, and tells which', async () => {
    const [first, second] = [`s3://${bucket}/log_data/1.json`, `s3://${bucket}/log_data/2.json`];
    for (const exclude of ['log_data/1.json', first]) {
      const { files, leftOut } = await listWithout(`s3://${bucket}/log_data/`, [exclude]);
      assert.deepEqual([files.map(({ url }) => url), leftOut.map(({ url }) => url)], [[second], [first]]);
    }
  });

  it('refuses to leave out what is not there', async () => {
    await assert.rejects(listWithout(`s3://${bucket}/log_data/`, ['log_data/3.json']), {
      kind: 'notListed',
      message: `Not found under s3://${bucket}/log_data/, so it cannot be left out: s3://${bucket}/log_data/3.json.`,
    });
  });

  it('says that a prefix has no files', async () => {
    await assert.rejects(list(`s3://${bucket}/song_data/`), {
      name: 'TerminalError',
      kind: 'source',
      message: `There are no files under s3://${bucket}/song_data/. Correct "source.url" or the prefix in warehouse.yaml, or upload the files.`,
    });
  });

  it('says that a bucket does not exist', async () => {
    await assert.rejects(list('s3://no-such-bucket-of-ours/log_data/'), {
      name: 'TerminalError',
      kind: 'source',
      message:
        'Listing s3://no-such-bucket-of-ours/log_data/ failed (NoSuchBucket). There is no bucket no-such-bucket-of-ours. ' +
        'Correct "source.url" or "source.workspace", or create the bucket.',
    });
  });

  it('says that a JSONPaths file does not exist', async () => {
    const url = `s3://${bucket}/log_json_path.json`;
    await assert.rejects(requireObject({ s3, url, what: 'JSONPaths file' }), {
      kind: 'source',
      message: `The JSONPaths file ${url} does not exist. Upload it, or correct its key in warehouse.yaml.`,
    });
  });

  it('says that S3 does not know the keys of the worker', async () => {
    const { endpoint, region, accessKeyId } = (await getTestStack({ temporal: false, s3: true, redshift: false })).s3;
    const stranger = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: 'x'.repeat(40) },
    });
    const url = `s3://${bucket}/log_data/`;
    await assert.rejects(listSourceFiles({ s3: stranger, url, workspace }), {
      name: 'TerminalError',
      kind: 'awsTerminal',
      code: 'SignatureDoesNotMatch',
      message: /AWS does not know the worker's keys, or its clock is wrong\. Correct them and restart the worker\.$/,
    });
    stranger.destroy();
  });

  it('writes a manifest that pins exactly the listed files, and reads it back', async () => {
    const files = await list(`s3://${bucket}/log_data/`);
    const pinned = { compression: 'none', files } as const;
    const request = { s3, workspace, workflowId: 'load/ä 1', runId: 'r-1', step: 'staging_events', pinned };
    const listing = await writeManifest(request);
    assert.deepEqual({ ...listing, manifestUrl: '' }, { manifestUrl: '', files: 2, sizeBytes: 17 });
    assert.match(
      listing.manifestUrl,
      /\/\.starshift\/manifests\/load___1\/r-1\/staging_events-[0-9a-f]{16}\.manifest$/,
    );
    const { key } = parseS3Url(listing.manifestUrl);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    assert.deepEqual(JSON.parse((await object.Body?.transformToString()) ?? ''), {
      entries: [
        { url: `s3://${bucket}/log_data/1.json`, mandatory: true },
        { url: `s3://${bucket}/log_data/2.json`, mandatory: true },
      ],
    });
    assert.deepEqual(await readPinnedFiles({ s3, manifestUrl: listing.manifestUrl }), pinned);
    assert.equal((await writeManifest(request)).manifestUrl, listing.manifestUrl);
  });

  it('refuses a prefix whose files are compressed in different ways', () => {
    const files = ['s3://b/p/1.json.gz', 's3://b/p/2.json'].map((url) => ({ url, sizeBytes: 1 }));
    assert.equal(commonCompression(files.slice(0, 1), 's3://b/p/'), 'gzip');
    assert.throws(() => commonCompression(files, 's3://b/p/'), {
      kind: 'source',
      message:
        'The files under s3://b/p/ are compressed in different ways, and COPY takes one: gzip (s3://b/p/1.json.gz), none (s3://b/p/2.json). ' +
        'Put them under different prefixes.',
    });
  });
});
