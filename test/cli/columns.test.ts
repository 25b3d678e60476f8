import assert from 'node:assert/strict';
import pc from 'picocolors';
import { type Column, drawColumns } from '../../src/cli/columns.js';

const COLUMNS: readonly Column[] = [
  { title: 'FILE', shrinks: 'keepEnd' },
  { title: 'NOTE' },
  { title: 'ROWS', right: true },
];
const terminal = { colors: pc.createColors(false) };
const draw = (rows: readonly (readonly string[])[], width?: number) =>
  drawColumns({ columns: COLUMNS, rows, terminal, width });

describe('drawColumns', () => {
  const LONG = `s3://music/${'log_data/'.repeat(10)}2018-11-12-events.json`;

  it('aligns columns under their titles and leaves out those without any value', () => {
    assert.deepEqual(
      draw([
        ['a', '', '8,056'],
        ['bb', '', '1'],
      ]),
      ['FILE   ROWS', 'a     8,056', 'bb        1'],
    );
  });

  it('cuts nothing where the output is no terminal', () => {
    assert.ok(draw([[LONG, 'x', '1']])[1]?.includes(LONG));
  });

  it('keeps to the width of a terminal, and the end of a path', () => {
    const [title = '', line = ''] = draw([[LONG, 'x', '1']], 50);
    assert.equal(line.length, 50);
    assert.match(line, /^….*2018-11-12-events\.json +x +1$/);
    assert.match(title, /^FILE/);
  });

  it('shows control characters instead of sending them', () => {
    const [, line = ''] = draw([['\u001b[2Jx\r\u202e', '', '1']]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
    assert.match(line, /\[2Jx/);
  });
});
