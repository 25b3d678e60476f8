import assert from 'node:assert/strict';
import { describeRejection } from '../../../../src/adapters/redshift/stage/describe-rejection.js';

const FILE = 's3://music/log_data/2018/11/2018-11-12-events.json';

describe('describeRejection', () => {
  it('names file, line, column, value, type and reason', () => {
    const rows = [
      { file: FILE, line: 7, column: 'ts', value: 'abc', reason: "Invalid digit, Value 'a', Pos 0, Type: Long" },
    ];
    assert.equal(
      describeRejection({ table: 'staging_events', count: 1, rows }),
      `COPY into staging_events rejected ${FILE} line 7, column "ts": "abc" is not a BIGINT (Invalid digit, Value 'a', Pos 0, Type: Long).`,
    );
  });

  it('says that a value is too long', () => {
    const rows = [
      { file: FILE, line: 1, column: 'level', value: 'platinum', reason: 'String length exceeds DDL length' },
    ];
    assert.match(
      describeRejection({ table: 'staging_events', count: 1, rows }),
      /column "level": "platinum" is too long \(String length exceeds DDL length\)\.$/,
    );
  });

  it('says how many rows more were rejected', () => {
    const rows = [{ file: FILE, line: 3, reason: 'Invalid JSON' }];
    assert.equal(
      describeRejection({ table: 'staging_events', count: 4, rows }),
      `COPY into staging_events rejected ${FILE} line 3: Invalid JSON.\n3 more rows were rejected.`,
    );
  });

  it('lists up to 20 rows, a line each, and says how many there are in all', () => {
    const row = (line: number) => ({ file: FILE, line, column: 'ts', value: 'x', reason: 'Bad' });
    assert.equal(
      describeRejection({
        table: 'staging_events',
        count: 5,
        rows: [row(3), { ...row(9), file: 's3://music/b.json' }],
      }),
      [
        'COPY into staging_events rejected 5 rows:',
        `${FILE} line 3, column "ts": "x": Bad.`,
        's3://music/b.json line 9, column "ts": "x": Bad.',
        '3 more rows were rejected.',
      ].join('\n'),
    );
  });

  it('keeps a row on its line, whatever the value holds', () => {
    const rows = [{ file: FILE, line: 1, value: 'a\nb\u001b[2Jc', reason: 'Bad' }];
    assert.match(describeRejection({ table: 't', count: 1, rows }), /: "a\\nb\\x1b\[2Jc": Bad\.$/);
  });

  it('says when the views show nothing', () => {
    assert.equal(
      describeRejection({ table: 'staging_events', count: 0, rows: [] }),
      'COPY into staging_events rejected rows, but neither stl_load_errors nor sys_load_error_detail shows them to this user.',
    );
  });
});
