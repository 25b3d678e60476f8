import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import type { S3Settings } from '../../src/copy/s3-settings.js';
import { RedshiftError } from '../../src/redshift-error.js';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

describe('COPY from S3', () => {
  let fixture: CopyFixture;

  before(async () => {
    fixture = await copyFixture();
    await fixture.rows('create table s3_rows (id int)');
  });

  const copy = (path: string, options = '', settings: Partial<S3Settings> = {}) =>
    fixture.copy(`copy s3_rows from 's3://${path}' ${ROLE} json 'auto' ${options}`, settings);

  async function loadedBy(work: () => Promise<unknown>): Promise<(string | null)[]> {
    await fixture.rows('truncate s3_rows');
    await work();
    return (await fixture.rows('select id from s3_rows order by id')).map(([id]) => id ?? null);
  }

  it('loads every key with the prefix, more than one page of them', async () => {
    const keys = Array.from({ length: 1100 }, (_, index) => index);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((id) => fixture.put(`pages/p${id}.json`, `{"id":${id}}`)));
    }
    await fixture.put('pages-other.json', '{"id":-1}');
    const ids = await loadedBy(() => copy(`${BUCKET}/pages/p`));
    assert.equal(ids.length, 1100);
    assert.deepEqual([ids[0], ids[1099]], ['0', '1099']);
  });

  it('loads what the manifest names and leaves out optional files that are missing', async () => {
    await fixture.put('m/a.json', '{"id":1}');
    await fixture.put('m/b.json', '{"id":2}');
    const entry = (key: string, mandatory?: boolean): object => ({ url: `s3://${BUCKET}/${key}`, mandatory });
    await fixture.put('m.manifest', JSON.stringify({ entries: [entry('m/b.json', true), entry('m/none.json')] }));
    assert.deepEqual(await loadedBy(() => copy(`${BUCKET}/m.manifest`, 'manifest')), ['2']);
    await fixture.put('m.manifest', JSON.stringify({ entries: [entry('m/a.json'), entry('m/none.json', true)] }));
    await assert.rejects(copy(`${BUCKET}/m.manifest`, 'manifest'), /Mandatory url is not present in manifest file\./);
  });

  it('streams large files, whether their size is known beforehand or not', async () => {
    const rows = Array.from({ length: 200_000 }, (_, id) => `{"id":${id}}\n`).join('');
    await fixture.put('large/a.json', rows);
    await fixture.put('large/b.json.gz', gzipSync(rows));
    await fixture.put('large.manifest', JSON.stringify({ entries: [{ url: `s3://${BUCKET}/large/a.json` }] }));
    for (const [source, options] of [
      ['large/a.json', ''],
      ['large.manifest', 'manifest'],
      ['large/b', 'gzip'],
    ]) {
      await loadedBy(() => copy(`${BUCKET}/${source}`, options));
      assert.deepEqual(await fixture.rows('select count(*), sum(id::bigint) from s3_rows'), [
        ['200000', '19999900000'],
      ]);
    }
  });

  it('says what is wrong with a manifest', async () => {
    await assert.rejects(
      copy(`${BUCKET}/none.manifest`, 'manifest'),
      /Problem reading manifest file - S3ServiceException:The specified key does not exist\.,Status 404,Error NoSuchKey/,
    );
    await fixture.put('bad.manifest', 'entries');
    await assert.rejects(copy(`${BUCKET}/bad.manifest`, 'manifest'), /Manifest file is not in correct json format/);
    await fixture.put('bad.manifest', '{"files":[]}');
    await assert.rejects(copy(`${BUCKET}/bad.manifest`, 'manifest'), /Manifest file has no array named 'entries'/);
    await fixture.put('bad.manifest', `{"entries":[{"url":"s3://${BUCKET}"}]}`);
    await assert.rejects(
      copy(`${BUCKET}/bad.manifest`, 'manifest'),
      /COPY with MANIFEST parameter requires full path of an S3 object\./,
    );
  });

  it('says when prefix or bucket do not exist', async () => {
    await assert.rejects(copy(`${BUCKET}/no/such`), (error: pg.DatabaseError) => {
      assert.equal(error.message, "The specified S3 prefix 'no/such' does not exist");
      assert.equal(error.code, 'XX000');
      assert.match(error.detail ?? '', /code: {6}8001/);
      return true;
    });
    await assert.rejects(
      copy('no-such-bucket/x'),
      /S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket/,
    );
  });

  it('unpacks GZIP and refuses what is not gzipped', async () => {
    await fixture.put('gz/a.json.gz', gzipSync('{"id":1}\n{"id":2}\n'));
    assert.deepEqual(await loadedBy(() => copy(`${BUCKET}/gz/a`, 'gzip')), ['1', '2']);
    await fixture.put('gz/b.json.gz', '{"id":3}');
    await assert.rejects(copy(`${BUCKET}/gz/b`, 'gzip'), /Failed to decompress s3:\/\/copy-test\/gz\/b\.json\.gz/);
    const packed = gzipSync(Buffer.from('{"id":1}\n'.repeat(1000)));
    await fixture.put('gz/c.json.gz', packed.subarray(0, packed.length - 12));
    await assert.rejects(copy(`${BUCKET}/gz/c`, 'gzip'), /Failed to decompress/);
    assert.deepEqual(await fixture.rows('select count(*) from s3_rows'), [['2']]);
  });

  it('asks for the right to list the bucket and to read each object, and passes the refusal on', async () => {
    await fixture.put('iam/a.json', '{"id":1}');
    const asked: string[] = [];
    const settings: Partial<S3Settings> = {
      authorize: async ({ credential, action, resource }) => {
        asked.push(`${credential.kind} ${action} ${resource}`);
        if (resource.endsWith('secret.json')) throw new RedshiftError({ sqlState: 'XX000', message: 'not allowed' });
        return fixture.server.keys;
      },
    };
    await copy(`${BUCKET}/iam/a`, '', settings);
    assert.deepEqual(asked, [
      `role s3:ListBucket arn:aws:s3:::${BUCKET}`,
      `role s3:GetObject arn:aws:s3:::${BUCKET}/iam/a.json`,
    ]);
    await fixture.put('iam/secret.json', '{"id":1}');
    await assert.rejects(copy(`${BUCKET}/iam/`, '', settings), /not allowed/);
  });

  it('uses literal keys as they are', async () => {
    await fixture.put('keys/a.json', '{"id":1}');
    const { accessKeyId, secretAccessKey } = fixture.server.keys;
    const from = `copy s3_rows from 's3://${BUCKET}/keys/a'`;
    await fixture.copy(`${from} access_key_id '${accessKeyId}' secret_access_key '${secretAccessKey}' json 'auto'`);
    await fixture.copy(
      `${from} credentials 'aws_access_key_id=${accessKeyId};aws_secret_access_key=${secretAccessKey}' json 'auto'`,
    );
    const wrong = fixture.copy(`${from} access_key_id '${accessKeyId}' secret_access_key 'wrong' json 'auto'`);
    await assert.rejects(wrong, /S3ServiceException:.*,Status 403,Error SignatureDoesNotMatch/);
  });

  it("names the bucket's region when REGION is another", async () => {
    await fixture.put('region/a.json', '{"id":1}');
    await copy(`${BUCKET}/region/a`, "region 'us-west-2'");
    await assert.rejects(
      copy(`${BUCKET}/region/a`, "region as 'eu-west-1'"),
      /The bucket is in this region: us-west-2/,
    );
    const settings: Partial<S3Settings> = { bucketRegion: async () => 'eu-west-1' };
    await assert.rejects(copy(`${BUCKET}/region/a`, '', settings), /The bucket is in this region: eu-west-1/);
    await copy(`${BUCKET}/region/a`, "region 'eu-west-1'", settings);
  });

  it('says when S3 cannot be reached', async () => {
    const settings: Partial<S3Settings> = { endpoint: 'http://127.0.0.1:1' };
    await assert.rejects(copy(`${BUCKET}/x`, '', settings), /S3CurlException: .*CurlError 7/);
  });

  it('records each file with size, etag and rows, visible once the transaction commits', async () => {
    await fixture.rows('begin');
    await fixture.put('rec/a.json', '{"id":1}{"id":2}');
    await copy(`${BUCKET}/rec/`);
    const sql = "select count(*) from sys_load_detail where file_name like '%/rec/a.json%'";
    assert.equal((await fixture.admin.query(sql)).rows[0]?.count, '0');
    await fixture.rows('commit');
    assert.deepEqual(
      await fixture.rows(`select bytes_scanned, lines_scanned, length(trim(file_etag)), file_last_modified is not null
                            from sys_load_detail where file_name like '%/rec/a.json%'`),
      [['16', '2', '32', 't']],
    );
  });
});
