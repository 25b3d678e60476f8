/** A piece of SQL that matters to its shape: a word in lower case, a quoted name, a literal, or one punctuation character. */
export interface SqlWord {
  readonly kind: 'word' | 'literal' | 'mark';
  /** Lower case, as Redshift folds names even when they are quoted. Literals are not kept: their text is `'`. */
  readonly text: string;
  /** Offsets into the SQL. */
  readonly start: number;
  readonly end: number;
}

/** Line comment, block comment, string, dollar-quoted string, quoted name, word, number, white space, or any other character. */
const PIECE =
  /(?<comment>--[^\n]*|\/\*)|(?<literal>e?'(?:[^']|'')*'?|\$(?<tag>[a-z_]*)\$[\s\S]*?\$\k<tag>\$)|(?<quoted>"(?:[^"]|"")*"?)|(?<word>[a-z_#][\w$]*)|(?<number>\d[\w.]*)|(?<space>\s+)|(?<mark>[\s\S])/iy;

/**
 * The words of a piece of SQL without comments and white space: enough to see which statement it is, which columns and tables it
 * names and where it ends. Not a parser.
 */
export function sqlWords(sql: string): SqlWord[] {
  const words: SqlWord[] = [];
  let offset = 0;
  while (offset < sql.length) {
    PIECE.lastIndex = offset;
    const groups = PIECE.exec(sql)?.groups ?? {};
    const start = offset;
    offset = groups.comment === '/*' ? endOfBlockComment(sql, start) : PIECE.lastIndex;
    const word = wordOf(groups);
    if (word !== undefined) words.push({ ...word, start, end: offset });
  }
  return words;
}

/** 1-based line of an offset. */
export function lineOfOffset(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function wordOf(groups: Readonly<Record<string, string | undefined>>): Pick<SqlWord, 'kind' | 'text'> | undefined {
  if (groups.word !== undefined) return { kind: 'word', text: groups.word.toLowerCase() };
  if (groups.quoted !== undefined) {
    return { kind: 'word', text: groups.quoted.slice(1, -1).replaceAll('""', '"').toLowerCase() };
  }
  if (groups.literal !== undefined || groups.number !== undefined) return { kind: 'literal', text: "'" };
  if (groups.mark !== undefined) return { kind: 'mark', text: groups.mark };
  return undefined;
}

/** Block comments nest, in PostgreSQL and Redshift alike. */
function endOfBlockComment(sql: string, start: number): number {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = start;
  let depth = 0;
  for (let edge = edges.exec(sql); edge !== null; edge = edges.exec(sql)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return edges.lastIndex;
  }
  return sql.length;
}
