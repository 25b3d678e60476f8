import assert from 'node:assert/strict';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

describe('COPY of delimited files', () => {
  let fixture: CopyFixture;
  let tables = 0;

  before(async () => {
    fixture = await copyFixture();
  });

  async function load(text: string, options: string): Promise<(string | null)[][] | string> {
    const table = `delimited_${tables++}`;
    await fixture.rows(`create table ${table} (a int, b varchar(20), c varchar(20))`);
    await fixture.put(`${table}/x.csv`, text);
    try {
      await fixture.copy(`copy ${table} from 's3://${BUCKET}/${table}/' ${ROLE} ${options}`);
    } catch {
      return (await fixture.errors())[0]?.[6] ?? '';
    }
    return fixture.rows(`select a, b, c from ${table} order by a`);
  }

  it('splits at the pipe by default', async () => {
    assert.deepEqual(await load('1|x|y\n2|\\N|\r\n', ''), [
      ['1', 'x', 'y'],
      ['2', null, ''],
    ]);
  });

  it('takes other delimiters, header lines, blank lines and a text for NULL', async () => {
    const text = 'a\tb\tc\n\n1\tnone\tx\n';
    assert.deepEqual(await load(text, "delimiter '\\t' ignoreheader 1 ignoreblanklines null as 'none'"), [
      ['1', null, 'x'],
    ]);
  });

  it('reads CSV with quotes, doubled quotes and line feeds in quotes', async () => {
    const text = '1,"a ""quoted"" word","x,y"\n2,"two\nlines",plain\n3,,""\n';
    assert.deepEqual(await load(text, 'csv'), [
      ['1', 'a "quoted" word', 'x,y'],
      ['2', 'two\nlines', 'plain'],
      ['3', '', ''],
    ]);
    assert.deepEqual(await load("1,'it''s',x\n", "format csv quote as ''''"), [['1', "it's", 'x']]);
  });

  it('knows ESCAPE and REMOVEQUOTES', async () => {
    assert.deepEqual(await load('1|A \\| B|two\\\nlines\n', 'escape'), [['1', 'A | B', 'two\nlines']]);
    assert.deepEqual(await load('1|\'q|q\'|"z"\n', 'removequotes'), [['1', 'q|q', 'z']]);
  });

  it('rejects rows with too few or too many columns', async () => {
    assert.equal(await load('1|x\n', ''), 'Delimiter not found');
    assert.deepEqual(await load('1|x\n', 'fillrecord'), [['1', 'x', null]]);
    assert.equal(await load('1|x|y|z\n', ''), 'Extra column(s) found');
    assert.equal(await load('1,"x,y\n', 'csv'), 'Invalid quote formatting for CSV');
  });
});
