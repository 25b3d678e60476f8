import { grouped } from './step-titles.js';

/**
 * Characters that show nothing, move the cursor or turn the reading direction round: C0 and C1 controls but the line feed, line
 * separators, zero-width and bidirectional ones, lone surrogates.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/** Words for a terminal, a log and the Web UI: what would not be seen is spelled as `\x1b` or `\u202e`; line feeds stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, spell);
}

/** The same on one line: line feeds are spelled as `\n`. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

/** At most `length` characters; what is cut is said: `abc... (4,096 characters)`. */
export function cutVisibly(text: string, length: number): string {
  const characters = [...text];
  if (characters.length <= length) return text;
  return `${characters.slice(0, length).join('')}... (${grouped(characters.length)} characters)`;
}

function spell(character: string): string {
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
