import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type S3Proxy, startS3Proxy } from '../../faults/s3-proxy.js';
import type { LocalStack } from '../../src/local-stack/start-local-stack.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const BUCKET = 'proxied';

describe('the S3 proxy of the fault harness', () => {
  let stack: LocalStack;
  let proxy: S3Proxy;
  let s3: S3Client;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    stack = await getTestStack({ temporal: false, s3: true, redshift: false });
    const { endpoint } = stack.s3;
    proxy = await startS3Proxy({ target: endpoint });
    s3 = client();
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  after(async () => {
    s3.destroy();
    await proxy.close();
  });
  beforeEach(() => proxy.clear());

  function client(maxAttempts = 1): S3Client {
    const { region, accessKeyId, secretAccessKey } = stack.s3;
    return new S3Client({
      endpoint: proxy.url,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts,
    });
  }

  const put = (key: string, body: Buffer | string): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));

  async function get(key: string, by = s3): Promise<Buffer> {
    const { Body } = await by.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => 'it succeeded',
      (error: Error & { code?: string }) => error.code ?? error.name,
    );

  it('passes signed requests on as they are, whatever they hold', async () => {
    const key = 'log data/ä+b=c&d/2018-11-12 events.json';
    const body = randomBytes(5_000_000);
    await put(key, body);
    assert.equal(digest(await get(key)), digest(body));
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.equal(head.ContentLength, body.length);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'log data/' }));
    assert.deepEqual(
      listed.Contents?.map(({ Key, Size }) => [Key, Size]),
      [[key, 5_000_000]],
    );
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.equal(await failure(get(key)), 'NoSuchKey');
  });

  it('answers as S3 does when it throttles, fails, or takes keys for expired', async () => {
    await put('a', 'A');
    proxy.setRules([
      { action: 'slowDown', method: 'GET' },
      { action: 'internalError', method: 'PUT' },
      { action: 'expiredToken', listing: true },
    ]);
    assert.equal(await failure(get('a')), 'SlowDown');
    assert.equal(await failure(put('a', randomBytes(300_000))), 'InternalError');
    assert.equal(await failure(s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))), 'ExpiredToken');
    assert.equal((await get('a')).toString(), 'A');
  });

  it('strikes requests of the key, after those that pass, as often as it says', async () => {
    await Promise.all([put('x/1.json', '1'), put('x/2.json', '2')]);
    proxy.setRules([{ id: 'second', action: 'slowDown', keyPattern: 'proxied/x/2\\.json$', skip: 1, times: 2 }]);
    const seen: string[] = [];
    for (let at = 0; at < 4; at++) seen.push(await failure(get('x/2.json')));
    assert.equal(await failure(get('x/1.json')), 'it succeeded');
    assert.deepEqual(seen, ['it succeeded', 'SlowDown', 'SlowDown', 'it succeeded']);
    assert.deepEqual(
      proxy.rules.map(({ id, matched, fired }) => ({ id, matched, fired })),
      [{ id: 'second', matched: 4, fired: 2 }],
    );
  });

  it('is ridden out by the retries of the SDK', async () => {
    await put('b', 'B');
    proxy.setRules([
      { action: 'internalError', keyPattern: '/b$', times: 1 },
      { action: 'cut', afterBytes: 0, method: 'PUT' },
    ]);
    const patient = client(3);
    try {
      assert.equal((await get('b', patient)).toString(), 'B');
      await patient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'c', Body: 'C' }));
    } finally {
      patient.destroy();
    }
    assert.deepEqual(
      proxy.rules.map(({ fired }) => fired),
      [1, 1],
    );
    assert.equal((await get('c')).toString(), 'C');
  });

  it('resets the connection in the midst of a body, of one byte too', async () => {
    await Promise.all([put('long', randomBytes(2_000_000)), put('short', '!')]);
    proxy.setRules([{ action: 'cut', afterBytes: 100_000, times: 2 }]);
    assert.match(await failure(get('long')), /ECONNRESET|Error/);
    assert.match(await failure(get('short')), /ECONNRESET|Error/);
    assert.equal((await get('short')).toString(), '!');
  });

  it('slows bodies down', async () => {
    const body = randomBytes(20_000);
    await put('slow', body);
    proxy.setRules([{ action: 'slow', bytesPerSecond: 100_000, method: 'GET' }]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'slow' }));
    const portions: Buffer[] = [];
    for await (const portion of Body as AsyncIterable<Buffer>) portions.push(portion);
    assert.equal(digest(Buffer.concat(portions)), digest(body));
    assert.ok(portions.length > 1, 'it came in one piece');
  });

  it('holds requests until they are released', async () => {
    await put('held', 'H');
    proxy.setRules([{ action: 'hold', method: 'GET' }]);
    const answer = get('held');
    const deadline = Date.now() + 10_000;
    while (proxy.held === 0 && Date.now() < deadline) await delay(5);
    assert.equal(proxy.held, 1);
    proxy.release();
    assert.equal((await answer).toString(), 'H');
  });

  it('takes rules over HTTP, and refuses unknown fields by their names', async () => {
    const ask = async (method: string, body?: unknown) => {
      const response = await fetch(`${proxy.url}/_faults`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return [response.status, await response.json()];
    };
    const rule = { id: 'rule-1', action: 'slowDown', keyPattern: 'k' };
    assert.deepEqual(await ask('PUT', [{ action: 'slowDown', keyPattern: 'k' }]), [
      200,
      [{ ...rule, matched: 0, fired: 0 }],
    ]);
    assert.deepEqual(await ask('PUT', [{ action: 'cut', after: 1 }]), [
      400,
      { error: 'rules[0].afterBytes is missing; rules[0] has an unknown field "after"' },
    ]);
    assert.deepEqual(await ask('GET'), [200, [{ ...rule, matched: 0, fired: 0 }]]);
    assert.deepEqual(await ask('DELETE'), [200, []]);
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
