/** Needs no quotes as an argument in any POSIX shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what needs another way of quoting
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

/**
 * A word as one argument of a POSIX shell: `O'Brien` becomes `'O'\''Brien'`. Control characters, which would be executed by the terminal
 * they are pasted from, are written by printf.
 */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (CONTROL.test(word)) return `"$(printf ${singleQuoted(octal(word))})"`;
  return singleQuoted(word);
}

function singleQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A format of printf that writes the word. */
function octal(word: string): string {
  const format = word.replaceAll('\\', '\\\\').replaceAll('%', '%%');
  return [...format]
    .map((character) =>
      CONTROL.test(character) ? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}` : character,
    )
    .join('');
}
