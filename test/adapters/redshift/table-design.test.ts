import assert from 'node:assert/strict';
import { designOf, fitsDesign } from '../../../src/adapters/redshift/table-design.js';

function design(attributes: string) {
  const found = designOf(`create table t (\n  a integer,\n  b integer\n)\n${attributes}`);
  assert.ok(found !== undefined);
  return found;
}

describe('table design', () => {
  it('reads the attributes behind a CREATE TABLE', () => {
    assert.deepEqual(design('diststyle key distkey (a) compound sortkey (b, a)'), {
      diststyle: 'key',
      distkey: 'a',
      sortkey: 'b',
      sortkeyColumns: 2,
    });
  });

  const fits: readonly (readonly [string, string, string, number, boolean])[] = [
    ['diststyle key distkey (a) compound sortkey (b)', 'KEY(a)', 'b', 1, true],
    ['diststyle key distkey (a) compound sortkey (b)', 'KEY(b)', 'b', 1, false],
    ['diststyle key distkey (a) compound sortkey (b)', 'KEY(a)', 'a', 1, false],
    ['diststyle key distkey (a) compound sortkey (b)', 'KEY(a)', 'b', 2, false],
    ['diststyle key distkey (a) interleaved sortkey (a, b)', 'KEY(a)', 'INTERLEAVED', 2, true],
    ['diststyle all', 'ALL', '', 0, true],
    ['diststyle all', 'AUTO(ALL)', '', 0, false],
    ['diststyle even', 'EVEN', '', 0, true],
    ['diststyle auto', 'AUTO(KEY(a))', 'AUTO(SORTKEY(b))', 1, true],
    ['diststyle auto', 'AUTO(ALL)', '', 0, true],
    ['diststyle auto', 'EVEN', '', 0, false],
  ];
  for (const [attributes, diststyle, sortkey1, sortkeyNum, expected] of fits) {
    it(`${expected ? 'accepts' : 'refuses'} ${diststyle} / ${sortkey1 || 'no sort key'} for ${attributes}`, () => {
      assert.equal(fitsDesign({ diststyle, sortkey1, sortkeyNum }, design(attributes)), expected);
    });
  }
});
