import assert from 'node:assert/strict';
import { cutVisibly, printable, printableLine } from '../../src/domain/printable.js';

describe('printable', () => {
  it('spells what a terminal or a page would obey', () => {
    assert.equal(printable('a\u001b[31m\r\t\u0000\u202eb\u200b\u2028'), 'a\\x1b[31m\\r\\t\\x00\\u202eb\\u200b\\u2028');
  });

  it('keeps line feeds and other scripts', () => {
    assert.equal(printable('Björk\n坂本龍一 🎵'), 'Björk\n坂本龍一 🎵');
    assert.equal(printableLine('a\nb'), 'a\\nb');
  });

  it('changes nothing the second time', () => {
    assert.equal(printable(printable('\u001b')), '\\x1b');
  });
});

describe('cutVisibly', () => {
  it('says how long the whole is', () => {
    assert.equal(cutVisibly('x'.repeat(4096), 3), 'xxx... (4,096 characters)');
    assert.equal(cutVisibly('🎵🎵', 2), '🎵🎵');
  });
});
