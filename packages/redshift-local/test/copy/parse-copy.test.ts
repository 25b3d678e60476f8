import assert from 'node:assert/strict';
import { parseCopy } from '../../src/copy/parse-copy.js';
import { tokenise } from '../../src/sql/tokenise.js';

const ROLE = "iam_role 'arn:aws:iam::123456789012:role/r'";

const parse = (sql: string) => parseCopy(tokenise(sql), sql);

describe('parseCopy', () => {
  it('takes the options in any order, with and without AS', () => {
    const command = parse(`
      COPY "Public".Events (a, "B") FROM 's3://bucket/some/prefix' -- comment
        COMPUPDATE OFF STATUPDATE ON TRUNCATECOLUMNS TIMEFORMAT AS 'epochmillisecs' REGION AS 'eu-west-1' GZIP MANIFEST
        JSON AS 's3://bucket/paths.json' MAXERROR AS 5 ACCEPTINVCHARS BLANKSASNULL EMPTYASNULL CREDENTIALS
        'aws_iam_role=arn:aws:iam::123456789012:role/r';`);
    assert.deepEqual(command, {
      schema: 'public',
      table: 'events',
      columns: ['a', 'b'],
      source: { bucket: 'bucket', key: 'some/prefix' },
      manifest: true,
      region: 'eu-west-1',
      credential: { kind: 'role', arns: ['arn:aws:iam::123456789012:role/r'] },
      format: { kind: 'json', mapping: { kind: 'paths', file: { bucket: 'bucket', key: 'paths.json' } } },
      gzip: true,
      conversion: {
        truncateColumns: true,
        blanksAsNull: true,
        emptyAsNull: true,
        invalidCharReplacement: 63,
        acceptAnyDate: false,
        roundDecimals: false,
        timeFormat: 'epochmillisecs',
        dateFormat: undefined,
      },
      nullText: '\\N',
      headerLines: 0,
      ignoreBlankLines: false,
      fillRecord: false,
      trimBlanks: false,
      errorLimit: 5,
      noLoad: false,
      explicitIds: false,
    });
  });

  it('knows every way to name a credential', () => {
    const credential = (text: string) => parse(`copy t from 's3://b/k' ${text} csv`).credential;
    assert.deepEqual(credential('iam_role default'), { kind: 'default-role' });
    assert.deepEqual(credential("with credentials as 'aws_access_key_id=A;aws_secret_access_key=S==;token=T'"), {
      kind: 'keys',
      keys: { accessKeyId: 'A', secretAccessKey: 'S==', sessionToken: 'T' },
    });
    assert.deepEqual(credential("access_key_id 'A' secret_access_key as 'S'"), {
      kind: 'keys',
      keys: { accessKeyId: 'A', secretAccessKey: 'S' },
    });
    assert.throws(() => credential(''), /COPY from S3 needs credentials/);
    assert.throws(() => credential("iam_role 'loader'"), /Invalid IAM role ARN 'loader'/);
    assert.throws(() => credential("credentials 'secret'"), /Invalid credentials\. Must be of the format/);
  });

  it('points at the word it does not understand', () => {
    const sql = `copy t from 's3://b/k' ${ROLE} jsn 'auto'`;
    assert.throws(() => parse(sql), {
      sqlState: '42601',
      message: 'syntax error at or near "jsn"',
      position: sql.indexOf('jsn') + 1,
    });
    assert.throws(() => parse('copy t'), { sqlState: '42601', message: 'syntax error at end of input', position: 7 });
    assert.throws(() => parse(`copy t from stdin`), { message: 'syntax error at or near "stdin"' });
    assert.throws(() => parse(`copy t from 's3://b/k' ${ROLE} constructor`), { sqlState: '42601' });
  });

  it('refuses an option given twice and options that exclude each other', () => {
    assert.throws(() => parse(`copy t from 's3://b/k' ${ROLE} gzip gzip`), /conflicting or redundant options: GZIP/);
    assert.throws(
      () => parse(`copy t from 's3://b/k' ${ROLE} json 'auto' null as 'x'`),
      /NULL is not supported with JSON/,
    );
    assert.throws(
      () => parse(`copy t from 's3://b/k' ${ROLE} maxerror 100001`),
      /MAXERROR value 100001 is out of range/,
    );
  });

  it('names the formats that are not there', () => {
    for (const [option, name] of [
      ['format parquet', 'FORMAT PARQUET'],
      ['format as orc', 'FORMAT ORC'],
      ['bzip2', 'BZIP2'],
      ['zstd', 'ZSTD'],
      ["json 'noshred'", "JSON 'noshred'"],
      ['encrypted', 'ENCRYPTED'],
    ] as const) {
      assert.throws(() => parse(`copy t from 's3://b/k' ${ROLE} ${option}`), {
        sqlState: '0A000',
        message: `COPY: ${name} is not supported by redshift-local`,
      });
    }
  });

  it('fails on the first error with MAXERROR 0 and 1 alike', () => {
    assert.equal(parse(`copy t from 's3://b/k' ${ROLE}`).errorLimit, 1);
    assert.equal(parse(`copy t from 's3://b/k' ${ROLE} maxerror 1`).errorLimit, 1);
    assert.equal(parse(`copy t from 's3://b/k' ${ROLE} ignoreallerrors`).errorLimit, Number.POSITIVE_INFINITY);
  });

  it('reads the delimiter as a character, an escape or in octal', () => {
    const delimiter = (text: string) => {
      const { format } = parse(`copy t from 's3://b/k' ${ROLE} delimiter ${text}`);
      return format.kind === 'json' ? '' : format.delimiter;
    };
    assert.deepEqual(["','", "'\\t'", "'\\001'", "as '~'"].map(delimiter), [',', '\t', '\x01', '~']);
  });
});
