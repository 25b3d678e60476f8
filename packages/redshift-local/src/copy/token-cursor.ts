import { RedshiftError } from '../redshift-error.js';
import type { Token } from '../sql/token.js';

/** Walks over the tokens of a statement that matter, and complains the way the server's parser does. */
export class TokenCursor {
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(
    tokens: readonly Token[],
    private readonly sql: string,
  ) {
    const significant = tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment');
    const semicolon = significant.findIndex(({ text }) => text === ';');
    this.tokens = semicolon < 0 ? significant : significant.slice(0, semicolon);
  }

  get atEnd(): boolean {
    return this.index >= this.tokens.length;
  }

  peek(): Token | undefined {
    return this.tokens[this.index];
  }

  /** Takes the keyword if it comes next. */
  acceptWord(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'word' || token.value !== word) return false;
    this.index++;
    return true;
  }

  acceptOperator(operator: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    this.index++;
    return true;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.syntaxError();
  }

  expectOperator(operator: string): void {
    if (!this.acceptOperator(operator)) throw this.syntaxError();
  }

  /** An unquoted word, in lower case. */
  word(): string {
    return this.take(['word']).value;
  }

  /** A name, quoted or not. */
  identifier(): string {
    return this.take(['word', 'quoted']).value;
  }

  string(): string {
    return this.take(['string']).value;
  }

  acceptString(): string | undefined {
    return this.peek()?.kind === 'string' ? this.string() : undefined;
  }

  /** A whole number without sign. */
  wholeNumber(): number {
    const token = this.peek();
    if (token?.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.syntaxError();
    this.index++;
    return Number(token.text);
  }

  /** `syntax error at or near`, pointing at the next token or one handed in. */
  syntaxError(token = this.peek()): RedshiftError {
    const message =
      token === undefined ? 'syntax error at end of input' : `syntax error at or near ${JSON.stringify(token.text)}`;
    const offset = token?.start ?? this.sql.trimEnd().length;
    return new RedshiftError({ sqlState: '42601', message, position: offset + 1 });
  }

  private take(kinds: readonly Token['kind'][]): Token {
    const token = this.peek();
    if (token === undefined || !kinds.includes(token.kind)) throw this.syntaxError();
    this.index++;
    return token;
  }
}
