/** Text whose every character Markdown takes for itself. */
const PLAIN = /^[A-Za-z0-9 .,:;()/+%"'=?…·→-]*$/;

/**
 * Text for one line or table cell of Markdown that stays text, whatever it holds: no markup, no HTML, no link and no picture. What is
 * not obviously harmless becomes a code span.
 */
export function inlineText(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ').trim();
  return isPlain(line) ? line : codeSpan(line);
}

/** A paragraph of plain words, or a code block of anything else: of several lines, or of what Markdown would take for itself. */
export function paragraph(text: string): string {
  return !text.includes('\n') && isPlain(text) ? text : codeBlock(text);
}

/** A table cell's bars end it even inside a code span. */
export function tableCell(text: string): string {
  return inlineText(text).replaceAll('|', '\\|');
}

/** A code block that its content cannot end. */
export function codeBlock(text: string, language = ''): string {
  const bar = '`'.repeat(Math.max(2, longestRun(text)) + 1);
  return `${bar}${language}\n${text}\n${bar}`;
}

function codeSpan(line: string): string {
  const bar = '`'.repeat(longestRun(line) + 1);
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${bar}${space}${line}${space}${bar}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
}

/** S3 URLs, arrows to the left and underscores inside a word are everywhere in titles, and harmless; web addresses become links. */
function isPlain(line: string): boolean {
  const rest = line
    .replace(/\bs3:\/\//g, '')
    .replaceAll(' <- ', ' ')
    .replace(/(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])/g, '');
  return PLAIN.test(rest) && !/:\/\/|\bwww\./i.test(rest) && !/^\s*([-+]|\d+[.)])\s/.test(rest);
}
