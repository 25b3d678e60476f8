import { lineOfOffset, type SqlWord, sqlWords } from './sql-words.js';

/** What is wrong with the SQL of one file. */
export interface SqlProblem {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

export interface SqlStatement {
  /** Without the final semicolon and what follows it. */
  readonly sql: string;
  readonly words: readonly SqlWord[];
}

type Result<Value> = { readonly value: Value } | { readonly problem: SqlProblem };

/** The one statement of a file. */
export function singleStatement(text: string): Result<SqlStatement> {
  const words = sqlWords(text);
  const end = words.findIndex((word) => word.text === ';');
  const own = end === -1 ? words : words.slice(0, end);
  if (own.length === 0) return problem(text, 0, 'holds no statement');
  const next = end === -1 ? undefined : words.slice(end).find((word) => word.text !== ';');
  if (next !== undefined) {
    return problem(text, next.start, 'holds more than one statement; write one a file');
  }
  const stop = own.at(-1)?.end ?? text.length;
  return { value: { sql: text.slice(0, stop), words: own } };
}

export interface CreateTableShape {
  readonly columns: readonly string[];
}

/** `create table [if not exists] <table> (...)` with nothing behind the closing parenthesis: attributes belong to the designs. */
export function createTableShape(statement: SqlStatement, table: string): Result<CreateTableShape> {
  const { sql, words } = statement;
  const texts = words.map((word) => word.text);
  const nameAt = texts.slice(2, 5).join(' ') === 'if not exists' ? 5 : 2;
  if (texts[0] !== 'create' || texts[1] !== 'table') {
    return problem(sql, words[0]?.start ?? 0, `is not a CREATE TABLE; write create table ${table} (...)`);
  }
  if (texts[nameAt] !== table || texts[nameAt + 1] !== '(') {
    return problem(
      sql,
      words[nameAt]?.start ?? 0,
      `must create ${table}, without a schema: create table ${table} (...)`,
    );
  }
  const close = closingAt(words, nameAt + 1);
  if (close === -1) return problem(sql, words[nameAt + 1]?.start ?? 0, 'has no closing parenthesis');
  const rest = words[close + 1];
  if (rest !== undefined) {
    const message = `has "${sql.slice(rest.start)}" behind the closing parenthesis; distribution and sort attributes belong to the designs`;
    return problem(sql, rest.start, message);
  }
  return { value: { columns: columnsOf(words.slice(nameAt + 2, close)) } };
}

export interface InsertShape {
  readonly columns: readonly string[];
  readonly reads: readonly string[];
  /** What is inserted: the text behind the columns. */
  readonly query: string;
}

/** `insert into <table> (columns) select|with ...`. `reads` are those of the given tables that it names after FROM or JOIN. */
export function insertShape(statement: SqlStatement, table: string, tables: ReadonlySet<string>): Result<InsertShape> {
  const { sql, words } = statement;
  const texts = words.map((word) => word.text);
  const start = words[0]?.start ?? 0;
  if (texts[0] !== 'insert' || texts[1] !== 'into' || texts[2] !== table) {
    return problem(sql, start, `is not an INSERT into ${table}; write insert into ${table} (...) select ...`);
  }
  const close = texts[3] === '(' ? closingAt(words, 3) : -1;
  const columns = words.slice(4, close).filter((word) => word.kind === 'word');
  if (close === -1 || columns.length === 0) {
    return problem(sql, words[3]?.start ?? start, `names no columns; write insert into ${table} (...) select ...`);
  }
  const query = words.slice(close + 1);
  const first = query.find((word) => word.text !== '(');
  if (first?.text !== 'select' && first?.text !== 'with') {
    return problem(sql, first?.start ?? start, 'does not insert a query; write select or with after the columns');
  }
  const names = columns.map((word) => word.text);
  const twice = columns.find((word, index) => names.indexOf(word.text) < index);
  if (twice !== undefined) return problem(sql, twice.start, `names the column ${twice.text} twice`);
  const text = sql.slice(words[close]?.end).trim();
  return { value: { columns: names, reads: tablesRead(query, tables), query: text } };
}

/** A query that reads only; `reads` as in insertShape. */
export function queryShape(
  statement: SqlStatement,
  tables: ReadonlySet<string>,
): Result<{ readonly reads: readonly string[] }> {
  const { sql, words } = statement;
  const first = words.find((word) => word.text !== '(');
  if (first?.text !== 'select' && first?.text !== 'with') {
    return problem(sql, first?.start ?? 0, 'is not a query; begin with select or with');
  }
  return { value: { reads: tablesRead(words, tables) } };
}

function problem(text: string, offset: number, message: string): { readonly problem: SqlProblem } {
  return { problem: { line: lineOfOffset(text, offset), message } };
}

/** Index of the parenthesis that closes the one at `open`; -1 when there is none. */
function closingAt(words: readonly SqlWord[], open: number): number {
  let depth = 0;
  for (let index = open; index < words.length; index += 1) {
    if (words[index]?.text === '(') depth += 1;
    if (words[index]?.text === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}

const TABLE_CONSTRAINTS = new Set(['primary', 'unique', 'foreign', 'constraint', 'check', 'like']);

/** First word of each item between the commas of the column list. */
function columnsOf(words: readonly SqlWord[]): string[] {
  const columns: string[] = [];
  let depth = 0;
  let first = true;
  for (const word of words) {
    if (first && !TABLE_CONSTRAINTS.has(word.text)) columns.push(word.text);
    first = depth === 0 && word.text === ',';
    if (word.text === '(') depth += 1;
    if (word.text === ')') depth -= 1;
  }
  return columns;
}

/** Functions whose arguments are separated by the word FROM. */
const FROM_FUNCTIONS = new Set(['extract', 'trim', 'substring', 'overlay']);

function tablesRead(words: readonly SqlWord[], tables: ReadonlySet<string>): string[] {
  const read = new Set<string>();
  const calls: string[] = [];
  words.forEach((word, index) => {
    if (word.text === '(') calls.push(words[index - 1]?.text ?? '');
    if (word.text === ')') calls.pop();
    const from = word.text === 'from' && !FROM_FUNCTIONS.has(calls.at(-1) ?? '');
    const name = words[index + 1]?.text ?? '';
    if ((from || word.text === 'join') && tables.has(name)) read.add(name);
  });
  return [...read];
}
