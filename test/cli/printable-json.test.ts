import assert from 'node:assert/strict';
import { printableJson } from '../../src/cli/printable-json.js';

describe('printableJson', () => {
  it('keeps what it says and spells out what a terminal would obey', () => {
    const value = { text: 'a\u001b[2J\u009b2J\u202e\u007f"\\n\n', list: ['ü', '日本'] };
    const json = printableJson(value);
    assert.deepEqual(JSON.parse(json), value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    assert.doesNotMatch(json, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    assert.match(json, /ü/);
  });
});
