const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** One escape of PostgreSQL's lexer: octal, hexadecimal, Unicode (4 or 8 digits) or a single character. */
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g;

/** Resolves backslash escapes; an unknown one stands for the character after the backslash, as in PostgreSQL. */
export function unescapeBackslashes(body: string): string {
  return body.replace(ESCAPE, (_all, octal, hex, short, long, single) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    const digits: string | undefined = hex ?? short ?? long;
    if (digits !== undefined) return codePoint(Number.parseInt(digits, 16));
    return SIMPLE_ESCAPES[single] ?? single;
  });
}

/** Quotes text as a string literal that PostgreSQL and Redshift read alike. */
export function quoteLiteral(value: string): string {
  const doubled = value.replaceAll("'", "''");
  return value.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** Quotes a name as a PostgreSQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function codePoint(value: number): string {
  return value > 0x10ffff ? '\ufffd' : String.fromCodePoint(value);
}
