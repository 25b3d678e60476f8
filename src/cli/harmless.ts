/**
 * What a terminal may take for a command or what turns a line around: C0 and C1 controls, DEL, line separators and the marks that
 * change the direction of text (UAX #9), zero-width ones included.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from files and servers as it may go to a terminal: control characters are shown, not sent. Escapes are for eyes only. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escaped(character));
}

/** JSON that says the same to whoever parses it and nothing to a terminal. */
export function harmlessJson(value: unknown): string {
  // Outside of strings JSON.stringify writes no control character but the line feeds of its indentation.
  return JSON.stringify(value, null, 2).replace(UNSAFE, (character) =>
    character === '\n' ? '\n' : escaped(character),
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
