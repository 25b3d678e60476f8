/**
 * One lexical token of Redshift SQL. Tokens cover the statement without gaps: joining `text` gives the source back.
 *
 * - `word`: an unquoted identifier or keyword; `value` is lower case.
 * - `quoted`: a double-quoted identifier; `value` is unescaped and lower case, as Redshift folds it.
 * - `string`: a string literal of any style; `value` is its unescaped content.
 * - `param`: `$1`.
 * - `space` and `comment`: trivia; `value` is `text`.
 */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'param' | 'space' | 'comment';
  readonly text: string;
  readonly value: string;
  /** 0-based offset of the first character in the source. */
  readonly start: number;
  /** Text that the SQL face wrote itself; `start` is then where an error in it points to, or -1 for nowhere. */
  readonly written?: true;
}
