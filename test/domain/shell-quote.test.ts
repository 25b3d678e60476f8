import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellQuote } from '../../src/domain/shell-quote.js';

/** What a real shell makes of a word. */
function wordOf(quoted: string): string {
  return execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' });
}

describe('shellQuote', () => {
  it('leaves plain words alone', () => {
    assert.equal(shellQuote('s3://music/log_data/a-b.json'), 's3://music/log_data/a-b.json');
  });

  it('sends no control character to the terminal that it is pasted into', () => {
    assert.equal(shellQuote("a\u001b[2J'%\\"), `"$(printf 'a\\033[2J'\\''%%\\\\')"`);
  });

  for (const word of ["O'Brien", '$HOME `id` "x" \\', 'a\nb', "a\u001b[2J\t'%d\\n", '', '*', '~', 'ключ 🎵']) {
    it(`is ${JSON.stringify(word)} again in a real shell`, () => assert.equal(wordOf(shellQuote(word)), word));
  }

  it('is the same word again in a real shell, whatever it holds', () => {
    const words = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      // No argument can hold NUL, and command substitution drops line feeds at the end.
      .filter((word) => !word.includes('\0') && !word.endsWith('\n') && !/\p{Cs}/u.test(word));
    fc.assert(
      fc.property(words, (word) => wordOf(shellQuote(word)) === word),
      { numRuns: 60 },
    );
  });
});
