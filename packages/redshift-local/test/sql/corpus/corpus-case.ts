/** One statement of the corpus, or several separated by semicolons, and what a client sees. */
export interface CorpusCase {
  readonly title: string;
  /** Run before, not looked at. */
  readonly given?: string;
  readonly sql: string;
  /** Rows of the last result, every value as text. */
  readonly rows?: readonly (readonly (string | null)[])[];
  /** Names of the last result's columns. */
  readonly columns?: readonly string[];
  /** Command tag without its counts. */
  readonly tag?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly position?: number };
}
