import assert from 'node:assert/strict';
import { splitStatements, tokenise } from '../../src/sql/tokenise.js';

const shape = (sql: string): string[] =>
  tokenise(sql)
    .filter((token) => token.kind !== 'space')
    .map((token) => `${token.kind}:${token.value}`);

describe('tokenise', () => {
  it('covers the statement without gaps', () => {
    const sql = `select /* a /* nested */ b */ "A""b", 'it''s', E'\\t', $1::int -- end\nfrom t where a<=-1.5e3 and #tmp`;
    assert.equal(
      tokenise(sql)
        .map((token) => token.text)
        .join(''),
      sql,
    );
  });
  it('folds names to lower case even when they are quoted', () => {
    assert.deepEqual(shape('SELECT "FirstName"'), ['word:select', 'quoted:firstname']);
  });
  it('resolves backslash escapes in plain and E strings alike', () => {
    assert.deepEqual(shape(`'a\\'b' E'\\x41\\101\\n' 'it''s'`), ["string:a'b", 'string:AA\n', "string:it's"]);
  });
  it('reads dollar quotes and parameters apart', () => {
    assert.deepEqual(shape('$1 $$a;b$$ $x$ $$ $x$'), ['param:$1', 'string:a;b', 'string: $$ ']);
  });
  it('splits operators as PostgreSQL does', () => {
    assert.deepEqual(shape('a<-1 b::int c!~*d'), [
      'word:a',
      'operator:<',
      'operator:-',
      'number:1',
      'word:b',
      'operator:::',
      'word:int',
      'word:c',
      'operator:!~*',
      'word:d',
    ]);
  });
  it('keeps # as an operator between operands and as part of a temporary name elsewhere', () => {
    assert.deepEqual(shape('5#3 from #stage'), ['number:5', 'operator:#', 'number:3', 'word:from', 'word:#stage']);
  });
  it('reports where an unterminated string starts', () => {
    assert.throws(() => tokenise("select 'abc"), {
      sqlState: '42601',
      message: `unterminated quoted string at or near "'abc"`,
      position: 8,
    });
  });
});

describe('splitStatements', () => {
  it('splits at semicolons outside strings and drops empty statements', () => {
    const texts = splitStatements(tokenise("select ';'; ; /* ; */ select 2;")).map((tokens) =>
      tokens.map((token) => token.text).join(''),
    );
    assert.deepEqual(texts, ["select ';'", ' /* ; */ select 2']);
  });
});
