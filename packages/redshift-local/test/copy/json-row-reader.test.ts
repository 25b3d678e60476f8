import assert from 'node:assert/strict';
import fc from 'fast-check';
import { autoPathTree, buildPathTree, type PathStep } from '../../src/copy/json-path-tree.js';
import { JsonRowReader } from '../../src/copy/json-row-reader.js';
import { FieldKind } from '../../src/copy/row-fields.js';
import { MAX_ROW_BYTES } from '../../src/copy/row-reader.js';

type Row = (string | null)[] | { fault: string; line: number };

/** The rows of a file that arrives in the given chunks; a field is null when it is missing or null. */
function read(chunks: readonly Buffer[], paths: readonly PathStep[][], headerLines = 0): Row[] {
  const reader = new JsonRowReader({ tree: buildPathTree(paths), columnCount: paths.length, headerLines });
  const rows: Row[] = [];
  const drain = (): void => {
    for (let event = reader.next(); event !== 'starved'; event = reader.next()) {
      if (event === 'fault') rows.push({ fault: reader.fault?.reason ?? '', line: reader.line() });
      else
        rows.push(
          paths.map((_path, column) =>
            (reader.fields.kinds[column] ?? 0) <= FieldKind.null ? null : reader.fields.text(column),
          ),
        );
    }
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    drain();
  }
  reader.end();
  drain();
  return rows;
}

function readText(text: string, names: readonly string[]): Row[] {
  return read(
    [Buffer.from(text)],
    names.map((name) => [name]),
  );
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('JsonRowReader', () => {
  it('reads objects with white space, newlines or nothing between them', () => {
    assert.deepEqual(readText('{"a":1}{"a":2} \t{"a":3}\r\n\n{\n  "a" : 4\n}', ['a']), [['1'], ['2'], ['3'], ['4']]);
  });

  it('keeps numbers, nested values and escaped text exact', () => {
    const text = '{"n":9007199254740993,"d":1.10e5,"o":{"x": [1, "]}"]},"s":"a\\/b\\"\\u00e9\\ud83d\\ude00\\n"}';
    assert.deepEqual(readText(text, ['n', 'd', 'o', 's']), [
      ['9007199254740993', '1.10e5', '{"x": [1, "]}"]}', 'a/b"\u00e9\u{1f600}\n'],
    ]);
  });

  it('takes the keys in any order, ignores unknown ones and gives null for missing ones', () => {
    const text = '{"a":1,"b":2}{"b":3,"z":{"a":9},"a":4}{"b":5}{"a":6,"b":null}';
    assert.deepEqual(readText(text, ['a', 'b']), [
      ['1', '2'],
      ['4', '3'],
      [null, '5'],
      ['6', null],
    ]);
  });

  it("matches names without regard to case only for 'auto ignorecase'", () => {
    const readAuto = (ignoreCase: boolean): (string | null)[] => {
      const reader = new JsonRowReader({ tree: autoPathTree(['ab'], ignoreCase), columnCount: 1, headerLines: 0 });
      reader.push(Buffer.from('{"aB":1}'));
      reader.end();
      assert.equal(reader.next(), 'row');
      return [reader.fields.kinds[0] === FieldKind.missing ? null : reader.fields.text(0)];
    };
    assert.deepEqual(readAuto(false), [null]);
    assert.deepEqual(readAuto(true), ['1']);
  });

  it('follows paths into objects and arrays', () => {
    const paths = [['a', 'b'], ['l', 1], ['l', 0, 'x'], ['a']];
    const text = '{"a":{"b":"in"},"l":[{"x":true},2,3]}';
    assert.deepEqual(read([Buffer.from(text)], paths), [['in', '2', 'true', '{"b":"in"}']]);
  });

  it('rejects a path into something that is no object and an index that is not there', () => {
    assert.deepEqual(read([Buffer.from('{"a":5}')], [['a', 'b']]), [
      { fault: 'Invalid JSONPath format: Member is not an object.', line: 1 },
    ]);
    assert.deepEqual(read([Buffer.from('{"l":[1]}')], [['l', 1]]), [
      { fault: 'Invalid JSONPath format: Not an array or index out of range.', line: 1 },
    ]);
    assert.deepEqual(read([Buffer.from('[1]')], [['a']]), [
      { fault: 'Invalid JSONPath format: Member is not an object.', line: 1 },
    ]);
  });

  it('names the line of broken JSON and goes on with the next row', () => {
    assert.deepEqual(readText('{"a":1}\n{"a":\n{"a":3}\n{"a" 4}\n{"a":5}\n{"a":6', ['a']), [
      ['1'],
      { fault: "Invalid value. Expected ',' or '}'.", line: 3 },
      { fault: "Invalid value. Expected ':'.", line: 4 },
      ['5'],
      { fault: 'Invalid value. The file ends within a JSON object.', line: 6 },
    ]);
    assert.deepEqual(readText('{"a":1\n{"a":2}\n{"a":"x\ny"}\n{"a":3}', ['a']), [
      { fault: "Invalid value. Expected ',' or '}'.", line: 1 },
      ['2'],
      { fault: 'Invalid value. Control character in a string.', line: 3 },
      ['3'],
    ]);
  });

  it('counts characters between objects as one fault for each run of them', () => {
    assert.deepEqual(readText('{"a":1},{"a":2}\nhello\n{"a":3}', ['a']), [
      ['1'],
      { fault: 'Invalid value. Expected a JSON object or array.', line: 1 },
      ['2'],
      { fault: 'Invalid value. Expected a JSON object or array.', line: 2 },
      ['3'],
    ]);
  });

  it('refuses what JSON does not know', () => {
    for (const bad of [
      '{"a":01}',
      '{"a":1.}',
      '{"a":.5}',
      '{"a":+1}',
      '{"a":NaN}',
      '{"a":1,}',
      "{'a':1}",
      '{"a":"\\x"}',
    ]) {
      const [row] = readText(bad, ['a']);
      assert.ok(row !== undefined && 'fault' in row, bad);
    }
  });

  it('skips the byte order mark and header lines, even when they arrive byte by byte', () => {
    const bytes = Buffer.from('\u{feff}# one {\n# two\n{"a":1}\n');
    assert.deepEqual(read(cut(bytes, [1]), [['a']], 2), [['1']]);
  });

  it('fails on an object of more than 4 MB without keeping all of it', () => {
    const big = Buffer.from(`{"a":"${'x'.repeat(MAX_ROW_BYTES)}"}`);
    assert.deepEqual(read(cut(big, [65536]), [['b']]).length, 1);
    assert.deepEqual(read([Buffer.from(`{"a":"${'x'.repeat(MAX_ROW_BYTES - 9)}"}`)], [['b']]), [[null]]);
  });

  it('gives the same rows however the file is cut into chunks', () => {
    const value = fc.jsonValue({ noUnicodeString: false } as fc.JsonSharedConstraints);
    const document = fc.array(
      fc.tuple(
        fc.record({ a: value, b: value, é: value }, { requiredKeys: [] }),
        fc.constantFrom('', ' ', '\n', '\r\n\t'),
        fc.boolean(),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(document, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (rows, sizes) => {
        const text = rows.map(([row, gap, pretty]) => JSON.stringify(row, null, pretty ? 2 : 0) + gap).join('');
        const bytes = Buffer.from(text);
        const paths = [['a'], ['b'], ['é']];
        const whole = read([bytes], paths);
        assert.equal(whole.length, rows.length);
        assert.deepEqual(read(cut(bytes, sizes), paths), whole);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the same rows and faults in broken files however they are cut', () => {
    const piece = fc.constantFrom('{"a":1}', '{"a":"x\\n"}', '\n', ' ', '{', '}', '"', '{"a":', '[1]', 'é', ',', '\\');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (pieces, sizes) => {
          const bytes = Buffer.from(pieces.join(''));
          assert.deepEqual(read(cut(bytes, sizes), [['a']]), read([bytes], [['a']]));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
