import assert from 'node:assert/strict';
import pg from 'pg';
import { type CopyFixture, copyFixture } from './fixture/copy-fixture.js';

describe('COPY values into columns', () => {
  let fixture: CopyFixture;
  let tables = 0;

  before(async () => {
    fixture = await copyFixture();
  });

  /** Loads one value into a column of the type; gives the stored text, or the error's code and reason. */
  async function load(type: string, json: string, options = ''): Promise<string | null | [string, string]> {
    const table = `values_${tables++}`;
    await fixture.rows(`create table ${table} (c ${type})`);
    try {
      await fixture.loadJson(table, `{"c":${json}}`, options);
    } catch (error) {
      assert.ok(error instanceof pg.DatabaseError);
      assert.equal(
        error.message,
        `Load into table '${table}' failed.  Check 'stl_load_errors' system table for details.`,
      );
      assert.equal(error.code, 'XX000');
      const [row] = await fixture.errors();
      return [row?.[5] ?? '', row?.[6] ?? ''];
    }
    const [row] = await fixture.rows(`select c::text from ${table}`);
    return row?.[0] ?? null;
  }

  it('takes whole numbers from numbers and strings', async () => {
    assert.equal(await load('int', '"39"'), '39');
    assert.equal(await load('int', '-7'), '-7');
    assert.equal(await load('bigint', '9223372036854775807'), '9223372036854775807');
    assert.equal(await load('bigint', '-9223372036854775808'), '-9223372036854775808');
    assert.equal(await load('smallint', '" 007 "'), '7');
    assert.equal(await load('bigint', '1540919166796.0'), '1540919166796');
  });

  it('rejects what is no whole number or out of range', async () => {
    assert.deepEqual(await load('int', '1.5'), ['1207', "Invalid digit, Value '.', Pos 1, Type: Integer"]);
    assert.deepEqual(await load('int', '"abc"'), ['1207', "Invalid digit, Value 'a', Pos 0, Type: Integer"]);
    assert.deepEqual(await load('bigint', '"12x"'), ['1207', "Invalid digit, Value 'x', Pos 2, Type: Long"]);
    assert.deepEqual(await load('int', 'true'), ['1207', "Invalid digit, Value 't', Pos 0, Type: Integer"]);
    assert.deepEqual(await load('int', '2147483648'), ['1204', 'Overflow, Column type: Integer']);
    assert.deepEqual(await load('smallint', '-32769'), ['1204', 'Overflow, Column type: Short']);
    assert.deepEqual(await load('bigint', '9223372036854775808'), ['1204', 'Overflow, Column type: Long']);
  });

  it('rejects an empty string for a number unless EMPTYASNULL is given', async () => {
    assert.deepEqual(await load('int', '""'), ['1207', "Invalid digit, Value '', Pos 0, Type: Integer"]);
    assert.equal(await load('int', '""', 'emptyasnull'), null);
    assert.equal(await load('int', '" "', 'blanksasnull'), null);
  });

  it('takes floating-point numbers, decimals and booleans', async () => {
    assert.equal(await load('double precision', '1541016707796.0'), '1541016707796');
    assert.equal(await load('double precision', '"-1.5e300"'), '-1.5e+300');
    assert.equal(await load('double precision', '1e-400'), '0');
    assert.deepEqual(await load('double precision', '1e400'), ['1204', 'Overflow, Column type: Double']);
    assert.deepEqual(await load('real', '1e39'), ['1204', 'Overflow, Column type: Float']);
    assert.deepEqual(await load('real', '"NaN"'), ['1207', "Invalid digit, Value 'N', Pos 0, Type: Float"]);
    assert.equal(await load('boolean', 'true'), 'true');
    assert.equal(await load('boolean', '"No"'), 'false');
    assert.deepEqual(await load('boolean', '"maybe"'), ['1210', 'Unknown boolean format']);
  });

  it('cuts decimals to their scale, or rounds them with ROUNDEC', async () => {
    assert.equal(await load('numeric(8,2)', '20.259'), '20.25');
    assert.equal(await load('numeric(8,2)', '20.259', 'roundec'), '20.26');
    assert.equal(await load('numeric(8,2)', '"-0.999"'), '-0.99');
    assert.equal(await load('numeric(8,2)', '1.5e3'), '1500.00');
    assert.equal(
      await load('numeric(38,0)', '99999999999999999999999999999999999999'),
      '99999999999999999999999999999999999999',
    );
    assert.deepEqual(await load('numeric(4,2)', '100'), ['1204', 'Overflow for NUMERIC(4,2)']);
    assert.deepEqual(await load('numeric(4,2)', '99.999', 'roundec'), ['1204', 'Overflow for NUMERIC(4,2)']);
    assert.deepEqual(await load('numeric(4,2)', '"1,5"'), ['1207', "Invalid digit, Value ',', Pos 1, Type: Decimal"]);
  });

  it('counts the length of VARCHAR in bytes', async () => {
    assert.equal(await load('varchar(4)', '"éé"'), 'éé');
    assert.deepEqual(await load('varchar(3)', '"éé"'), ['1204', 'String length exceeds DDL length']);
    assert.equal(await load('varchar(3)', '"éé"', 'truncatecolumns'), 'é');
    assert.equal(await load('varchar(10)', '"a\\tb\\n\\\\"'), 'a\tb\n\\');
    assert.equal(await load('varchar(40)', '{"k": [1, "x"]}'), '{"k": [1, "x"]}');
    assert.equal(await load('varchar(40)', '1541016707796.0'), '1541016707796.0');
    assert.equal(await load('varchar(40)', 'false'), 'false');
  });

  it('turns empty and blank text into NULL only when asked to', async () => {
    assert.equal(await load('varchar(5)', '""'), '');
    assert.equal(await load('varchar(5)', '""', 'emptyasnull'), null);
    assert.equal(await load('varchar(5)', '"  "'), '  ');
    assert.equal(await load('varchar(5)', '"  "', 'blanksasnull'), null);
    assert.equal(await load('varchar(5)', 'null'), null);
  });

  it('takes only single-byte characters for CHAR', async () => {
    assert.equal(await load('char(1)', '"F"'), 'F');
    assert.deepEqual(await load('char(1)', '"FF"'), ['1204', 'String length exceeds DDL length']);
    const reason = 'Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3 a9';
    assert.deepEqual(await load('char(2)', '"é"'), ['1220', reason]);
  });

  it('rejects zero bytes and lone surrogates', async () => {
    assert.deepEqual(await load('varchar(9)', '"a\\u0000b"'), ['1218', 'Invalid null byte - field longer than 1 byte']);
    assert.deepEqual((await load('varchar(9)', '"\\ud800"'))?.[0], '1220');
  });

  it('replaces invalid UTF-8 byte by byte with ACCEPTINVCHARS', async () => {
    await fixture.rows('create table invalid_utf8 (c varchar(9))');
    const bytes = Buffer.concat([Buffer.from('{"c":"a'), Buffer.from([0xff]), Buffer.from('b"}')]);
    await assert.rejects(fixture.loadJson('invalid_utf8', bytes));
    const reason = 'String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ff (error 3)';
    assert.equal((await fixture.errors())[0]?.[6], reason);
    await fixture.loadJson('invalid_utf8', bytes, "acceptinvchars as '^'");
    assert.deepEqual(await fixture.rows('select c from invalid_utf8'), [['a^b']]);
  });

  it('reads dates and times in the formats of TIMEFORMAT and DATEFORMAT', async () => {
    assert.equal(await load('timestamp', '"2018-11-15 00:30:26.796"'), '2018-11-15 00:30:26.796');
    assert.equal(await load('timestamp', '1541105830796', "timeformat as 'epochmillisecs'"), '2018-11-01 20:57:10.796');
    assert.equal(await load('timestamp', '"1541105830"', "timeformat 'epochsecs'"), '2018-11-01 20:57:10');
    assert.equal(await load('timestamp', '"2018-11-15T00:30:26.796Z"', "timeformat 'auto'"), '2018-11-15 00:30:26.796');
    assert.equal(await load('timestamptz', '"2018-11-15 00:30:26-08"'), '2018-11-15 08:30:26+00');
    assert.equal(
      await load('timestamp', '"12/31/18 11:59:01 PM"', "timeformat 'MM/DD/YY HH12:MI:SS AM'"),
      '2018-12-31 23:59:01',
    );
    assert.equal(await load('date', '"2020-02-29"'), '2020-02-29');
    assert.equal(await load('date', '"Jan-08-1999"', "dateformat 'MON-DD-YYYY'"), '1999-01-08');
    assert.equal(await load('date', '"J2451187"', "dateformat 'auto'"), '1999-01-08');
    assert.equal(await load('time', '"23:59:59.5"'), '23:59:59.5');
  });

  it('rejects dates that do not exist, and loads NULL for them with ACCEPTANYDATE', async () => {
    const format = 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]';
    assert.deepEqual(await load('timestamp', '"2018-11-15T00:30:26Z"'), ['1206', format]);
    assert.deepEqual(await load('date', '"2019-02-29"'), ['1205', 'Invalid date format or value [YYYY-MM-DD]']);
    assert.deepEqual(await load('date', '"2019-2-9"'), ['1205', 'Invalid Date Format - length must be 10 or more']);
    assert.equal(await load('date', '"00/00/00"', "dateformat 'auto' acceptanydate"), null);
  });

  it('keeps JSON as it is in SUPER', async () => {
    assert.equal(await load('super', '{"a":[1,"x"]}'), '{"a": [1, "x"]}');
    assert.equal(await load('super', '"te\\"xt"'), '"te\\"xt"');
  });
});
