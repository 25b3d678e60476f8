import type { Token } from '../sql/token.js';

/** What stands in the place of a secret. */
const MASK = "'***'";
/** Statements that may hold one: logging looks at no others. */
const STATEMENTS: ReadonlySet<string> = new Set(['copy', 'unload', 'create', 'alter', 'explain', 'prepare']);
/** Words whose string is one (DG "Authorization parameters", CREATE USER, CREATE EXTERNAL SCHEMA, UNLOAD). */
const SECRETS: ReadonlySet<string> = new Set([
  'password',
  'credentials',
  'access_key_id',
  'secret_access_key',
  'session_token',
  'master_symmetric_key',
]);

/** The text of a statement for the histories, with `'***'` for passwords and keys, as Redshift shows them. */
export function maskedText(tokens: readonly Token[], text: string): string {
  const first = tokens.find(isSignificant);
  const mayHoldSecrets = first?.kind === 'word' && STATEMENTS.has(first.value);
  return mayHoldSecrets ? maskTokens(tokens).join('').trim() : text;
}

function maskTokens(tokens: readonly Token[]): string[] {
  let isSecret = false;
  return tokens.map((token) => {
    if (!isSignificant(token)) return token.kind === 'comment' && isSecret ? '' : token.text;
    // Strings in a row are one.
    if (token.kind === 'string') return isSecret ? MASK : token.text;
    isSecret = token.kind === 'word' && (SECRETS.has(token.value) || (isSecret && token.value === 'as'));
    return token.text;
  });
}

/** An error about a statement whose text was masked: PostgreSQL quotes the text where it stopped understanding it. */
export function maskedError(statement: string, error: string): string {
  return statement.includes(MASK) ? error.replace(/ at or near "[\s\S]*"/, ` at or near "${MASK}"`) : error;
}

function isSignificant(token: Token): boolean {
  return token.kind !== 'space' && token.kind !== 'comment';
}
