import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import { type S3FaultRule, type S3Proxy, startS3Proxy } from '../../faults/s3-proxy.js';
import {
  BUCKET,
  type CopyFixture,
  copyFixture,
  ROLE,
} from '../../packages/redshift-local/test/copy/fixture/copy-fixture.js';

const ROWS = 120_000;
const CONTENT = Array.from({ length: ROWS }, (_, id) => `{"id":${id}}\n`).join('');

describe('COPY of redshift-local while S3 misbehaves', () => {
  let fixture: CopyFixture;
  let proxy: S3Proxy;

  before(async () => {
    fixture = await copyFixture();
    proxy = await startS3Proxy({ target: fixture.server.endpoint });
    await fixture.rows('create table disturbed (id int)');
    await fixture.put('d/large/a.json', CONTENT);
    await fixture.put('d/gzip/a.json.gz', gzipSync(CONTENT));
    await fixture.put('d/small/a.json', '{"id":1}\n{"id":2}\n');
    await fixture.put(
      'd/small.manifest',
      JSON.stringify({ entries: [{ url: `s3://${BUCKET}/d/small/a.json`, mandatory: true }] }),
    );
  });
  after(() => proxy.close());
  beforeEach(async () => {
    proxy.clear();
    await fixture.rows('truncate disturbed');
  });

  const copy = (key: string, options = ''): Promise<string[]> =>
    fixture.copy(`copy disturbed from 's3://${BUCKET}/${key}' ${ROLE} json 'auto' ${options}`, { endpoint: proxy.url });

  /** Rows, and distinct ones. */
  async function loaded(): Promise<(string | null)[]> {
    return (await fixture.rows('select count(*), count(distinct id) from disturbed'))[0] ?? [];
  }

  async function failure(promise: Promise<unknown>): Promise<string> {
    return promise.then(
      () => 'it succeeded',
      (error: pg.DatabaseError) => `${error.code} ${error.message}`,
    );
  }

  const strike = (...rules: S3FaultRule[]): void => proxy.setRules(rules);
  const struck = (): number[] => proxy.rules.map(({ fired }) => fired);

  it('rides out a SlowDown of listing, manifest and object', async () => {
    strike(
      { action: 'slowDown', listing: true },
      { action: 'slowDown', keyPattern: 'manifest$' },
      { action: 'internalError', keyPattern: 'a\\.json$' },
    );
    await copy('d/small/');
    await copy('d/small.manifest', 'manifest');
    assert.deepEqual(await loaded(), ['4', '2']);
    assert.deepEqual(struck(), [1, 1, 1]);
  });

  it('fails in the words of S3 when the throttling does not end', async () => {
    strike({ action: 'slowDown', keyPattern: 'a\\.json$', times: 1000 });
    assert.match(
      await failure(copy('d/small/')),
      /^XX000 S3ServiceException:Please reduce your request rate\.,Status 503,Error SlowDown,Rid \S+,ExtRid \S+,CanRetry 1$/,
    );
    assert.deepEqual(await loaded(), ['0', '0']);
    assert.deepEqual(struck(), [4]);
  });

  for (const [what, key, options] of [
    ['a large object', 'd/large/', ''],
    ['a compressed object', 'd/gzip/', 'gzip'],
    ['a small object', 'd/small/', ''],
  ] as const) {
    it(`goes on where the connection broke in the midst of ${what}, and loads every row once`, async () => {
      strike(
        { action: 'cut', afterBytes: 10, keyPattern: '/a\\.json' },
        { action: 'cut', afterBytes: 200_000, keyPattern: '/a\\.json' },
      );
      await copy(key, options);
      const rows = key === 'd/small/' ? '2' : String(ROWS);
      assert.deepEqual(await loaded(), [rows, rows]);
      assert.deepEqual(struck(), [1, 1]);
    });
  }

  it('fails, with nothing loaded, when the connection breaks again and again', async () => {
    strike({ action: 'cut', afterBytes: 0, keyPattern: '/a\\.json', times: 1000 });
    assert.match(await failure(copy('d/large/')), /^XX000 S3CurlException: .*CanRetry 1, UserError 0$/);
    assert.deepEqual(await loaded(), ['0', '0']);
  });

  it('does not mix two versions of an object that is replaced while it is read', async () => {
    await fixture.put('d/changing/a.json', CONTENT);
    strike(
      { action: 'cut', afterBytes: 500_000, keyPattern: 'changing/a\\.json' },
      { action: 'hold', keyPattern: 'changing/a\\.json' },
    );
    const copying = failure(copy('d/changing/'));
    const deadline = Date.now() + 10_000;
    while (proxy.held === 0 && Date.now() < deadline) await delay(5);
    await fixture.put('d/changing/a.json', CONTENT.replaceAll('1', '2'));
    proxy.release();
    assert.match(await copying, /^XX000 S3ServiceException:.*PreconditionFailed/);
    assert.deepEqual(await loaded(), ['0', '0']);
  });

  it('reads slow objects to their end', async () => {
    strike({ action: 'slow', bytesPerSecond: 100, keyPattern: '/a\\.json' });
    await copy('d/small/');
    assert.deepEqual(await loaded(), ['2', '2']);
  });

  it('names what is missing of a manifest that was cut', async () => {
    strike({ action: 'cut', afterBytes: 20, keyPattern: 'manifest$', times: 1000 });
    assert.match(
      await failure(copy('d/small.manifest', 'manifest')),
      /^XX000 Problem reading manifest file - S3CurlException/,
    );
    assert.deepEqual(await loaded(), ['0', '0']);
  });
});
