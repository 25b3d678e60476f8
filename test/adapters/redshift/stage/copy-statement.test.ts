import assert from 'node:assert/strict';
import { copyStatement } from '../../../../src/adapters/redshift/stage/copy-statement.js';

const SMALLEST = {
  schema: 'public',
  table: 'staging_songs',
  manifestUrl: 's3://bucket/.starshift/manifests/w/r/staging_songs-0a.manifest',
  iamRole: 'default',
  format: 'json',
  jsonpaths: 'auto',
  compression: 'none',
  options: {},
  maxErrors: 0,
} as const;

describe('copyStatement', () => {
  it('loads a manifest by the default role', () => {
    assert.equal(
      copyStatement(SMALLEST),
      [
        'copy "public"."staging_songs"',
        "from 's3://bucket/.starshift/manifests/w/r/staging_songs-0a.manifest'",
        'iam_role default',
        'manifest',
        "format as json 'auto'",
        'maxerror 0',
      ].join('\n'),
    );
  });

  it('writes every option', () => {
    const sql = copyStatement({
      ...SMALLEST,
      iamRole: 'arn:aws:iam::123456789012:role/load',
      jsonpaths: 's3://bucket/log_json_path.json',
      compression: 'gzip',
      region: 'us-west-2',
      maxErrors: 10,
      options: {
        emptyAsNull: true,
        blanksAsNull: true,
        truncateColumns: true,
        acceptInvalidChars: '?',
        acceptAnyDate: true,
        nullAs: 'NA',
        timeFormat: 'epochmillisecs',
        dateFormat: 'auto',
        compUpdate: false,
        statUpdate: true,
      },
    });
    assert.deepEqual(sql.split('\n').slice(2), [
      "iam_role 'arn:aws:iam::123456789012:role/load'",
      'manifest',
      "format as json 's3://bucket/log_json_path.json'",
      "region 'us-west-2'",
      'gzip',
      'emptyasnull',
      'blanksasnull',
      'truncatecolumns',
      "acceptinvchars '?'",
      'acceptanydate',
      "null as 'NA'",
      "timeformat 'epochmillisecs'",
      "dateformat 'auto'",
      'compupdate off',
      'statupdate on',
      'maxerror 11',
    ]);
  });

  it('asks for a limit one above the rows that may be rejected', () => {
    assert.match(copyStatement({ ...SMALLEST, maxErrors: 1 }), /\nmaxerror 2$/);
    assert.match(copyStatement({ ...SMALLEST, maxErrors: 100_000 }), /\nmaxerror 100000$/);
  });

  it('quotes what comes from outside', () => {
    const sql = copyStatement({ ...SMALLEST, table: 'a"b', manifestUrl: "s3://bucket/it's.manifest" });
    assert.match(sql, /^copy "public"\."a""b"\nfrom 's3:\/\/bucket\/it''s\.manifest'\n/);
  });
});
