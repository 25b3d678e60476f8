import { RedshiftError } from '../redshift-error.js';
import { unescapeBackslashes } from './string-literal.js';
import type { Token } from './token.js';

type Kind = Token['kind'];

const SQLSTATE_SYNTAX_ERROR = '42601';

/** Sticky patterns of PostgreSQL's scanner (src/backend/parser/scan.l), which Redshift inherited. */
const SPACE = /[ \t\n\r\f\v\u00a0\ufeff]+/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const TEMPORARY_NAME = /#[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const PARAM = /\$[0-9]+/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const OPERATOR_RUN = /[+\-*/<>=~!@#%^&|`?]+/y;
/** An operator of several characters may end in + or - only if it holds one of these. */
const KEEPS_TRAILING_SIGN = /[~!@#%^&|`?]/;
const PREFIXED_STRING = /[eEnNbBxX]'/y;
const IDENTIFIER_END = /[A-Za-z0-9_$)\]"\u0080-\uffff]/;

/**
 * Cuts Redshift SQL into tokens that cover it without gaps.
 *
 * Comments nest as in PostgreSQL, dollar quotes and E'' strings are known, and a plain string takes backslash escapes too:
 * Redshift descends from PostgreSQL 8.0, which has no standard_conforming_strings, and AWS's own examples write `'\\.'`
 * for a regular expression's `\.`. Throws RedshiftError 42601 for a string, name or comment that never ends.
 */
export function tokenise(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const token = nextToken(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** Cuts tokens at top-level semicolons; statements of white space and comments alone are left out. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  const close = (): void => {
    if (current.some((token) => token.kind !== 'space' && token.kind !== 'comment')) statements.push(current);
    current = [];
  };
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === ';') close();
    else current.push(token);
  }
  close();
  return statements;
}

/** Lower-cases ASCII letters only, as Redshift folds identifiers. */
export function foldIdentifier(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function nextToken(sql: string, start: number): Token {
  const char = sql.charAt(start);
  const next = sql.charAt(start + 1);
  if (char === '-' && next === '-') return lineComment(sql, start);
  if (char === '/' && next === '*') return blockComment(sql, start);
  if (char === "'") return stringLiteral(sql, start, 0, true);
  if (char === '"') return quotedIdentifier(sql, start);
  if (char === '$') return dollarToken(sql, start);
  const prefixed = match(PREFIXED_STRING, sql, start);
  if (prefixed !== undefined) return stringLiteral(sql, start, 1, char === 'e' || char === 'E');
  return plainToken(sql, start);
}

function plainToken(sql: string, start: number): Token {
  const space = match(SPACE, sql, start);
  if (space !== undefined) return make('space', space, space, start);
  const word = match(WORD, sql, start);
  if (word !== undefined) return make('word', word, foldIdentifier(word), start);
  const number = match(NUMBER, sql, start);
  if (number !== undefined) return make('number', number, number, start);
  const temporary = match(TEMPORARY_NAME, sql, start);
  if (temporary !== undefined && !IDENTIFIER_END.test(sql.charAt(start - 1))) {
    return make('word', temporary, foldIdentifier(temporary), start);
  }
  return operatorToken(sql, start);
}

function operatorToken(sql: string, start: number): Token {
  const two = sql.slice(start, start + 2);
  if (two === '::' || two === ':=') return make('operator', two, two, start);
  let run = match(OPERATOR_RUN, sql, start);
  if (run === undefined) return make('operator', sql.charAt(start), sql.charAt(start), start);
  const comment = run.slice(1).search(/--|\/\*/);
  if (comment >= 0) run = run.slice(0, comment + 1);
  while (run.length > 1 && /[+-]$/.test(run) && !KEEPS_TRAILING_SIGN.test(run)) run = run.slice(0, -1);
  return make('operator', run, run, start);
}

function lineComment(sql: string, start: number): Token {
  const end = sql.indexOf('\n', start);
  const text = sql.slice(start, end < 0 ? sql.length : end);
  return make('comment', text, text, start);
}

function blockComment(sql: string, start: number): Token {
  let depth = 0;
  const marker = /\/\*|\*\//g;
  marker.lastIndex = start;
  for (let found = marker.exec(sql); found !== null; found = marker.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) {
      const text = sql.slice(start, marker.lastIndex);
      return make('comment', text, text, start);
    }
  }
  throw unterminated('/* comment', sql, start);
}

function stringLiteral(sql: string, start: number, prefixLength: number, escapes: boolean): Token {
  const open = start + prefixLength;
  const end = closingQuote(sql, open, "'", escapes || prefixLength === 0);
  if (end < 0) throw unterminated('quoted string', sql, start);
  const body = sql.slice(open + 1, end).replaceAll("''", "'");
  const value = escapes && body.includes('\\') ? unescapeBackslashes(body) : body;
  return make('string', sql.slice(start, end + 1), value, start);
}

function quotedIdentifier(sql: string, start: number): Token {
  const end = closingQuote(sql, start, '"', false);
  if (end < 0) throw unterminated('quoted identifier', sql, start);
  const name = sql.slice(start + 1, end).replaceAll('""', '"');
  if (name === '') throw syntaxError('zero-length delimited identifier at or near """"', start);
  return make('quoted', sql.slice(start, end + 1), foldIdentifier(name), start);
}

function closingQuote(sql: string, open: number, quote: string, escapes: boolean): number {
  for (let at = open + 1; at < sql.length; at++) {
    const char = sql.charAt(at);
    if (char === '\\' && escapes) at++;
    else if (char === quote) {
      if (sql.charAt(at + 1) !== quote) return at;
      at++;
    }
  }
  return -1;
}

function dollarToken(sql: string, start: number): Token {
  const param = match(PARAM, sql, start);
  if (param !== undefined) return make('param', param, param, start);
  const tag = match(DOLLAR_TAG, sql, start);
  if (tag === undefined) return make('operator', '$', '$', start);
  const end = sql.indexOf(tag, start + tag.length);
  if (end < 0) throw unterminated('dollar-quoted string', sql, start);
  return make('string', sql.slice(start, end + tag.length), sql.slice(start + tag.length, end), start);
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function make(kind: Kind, text: string, value: string, start: number): Token {
  return { kind, text, value, start };
}

function unterminated(what: string, sql: string, start: number): RedshiftError {
  return syntaxError(`unterminated ${what} at or near "${sql.slice(start)}"`, start);
}

function syntaxError(message: string, start: number): RedshiftError {
  return new RedshiftError({ sqlState: SQLSTATE_SYNTAX_ERROR, message, position: start + 1 });
}
