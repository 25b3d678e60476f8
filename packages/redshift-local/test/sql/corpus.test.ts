import assert from 'node:assert/strict';
import type pg from 'pg';
import { SqlEndpoint } from '../wire/fixture/sql-endpoint.js';
import type { CorpusCase } from './corpus/corpus-case.js';
import { DATES } from './corpus/dates.js';
import { EXPRESSIONS } from './corpus/expressions.js';
import { QUERIES } from './corpus/queries.js';
import { REJECTIONS } from './corpus/rejections.js';
import { TABLES } from './corpus/tables.js';

const CORPUS = { dates: DATES, expressions: EXPRESSIONS, queries: QUERIES, tables: TABLES, rejections: REJECTIONS };

/** Values as the server wrote them. */
const AS_TEXT: pg.CustomTypesConfig = {
  getTypeParser: () => (value: unknown) => String(value),
} as pg.CustomTypesConfig;

interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly position?: string;
}

async function check(client: pg.Client, example: CorpusCase): Promise<void> {
  if (example.given !== undefined) await client.query(example.given);
  if (example.error !== undefined) {
    const { error } = example;
    await assert.rejects(client.query(example.sql), (thrown: ServerError) => {
      assert.equal(thrown.message, error.message);
      assert.equal(thrown.code, error.code);
      if (error.position !== undefined) assert.equal(Number(thrown.position), error.position);
      return true;
    });
    return;
  }
  const result = await client.query({ text: example.sql, rowMode: 'array', types: AS_TEXT });
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (example.columns !== undefined)
    assert.deepEqual(
      last.fields.map((field: pg.FieldDef) => field.name),
      example.columns,
    );
  if (example.rows !== undefined) assert.deepEqual(last.rows, example.rows);
  if (example.tag !== undefined) assert.equal(last.command, example.tag);
}

describe('the corpus of statements', () => {
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start();
  });
  after(() => endpoint.stop());

  for (const [group, examples] of Object.entries(CORPUS)) {
    describe(group, () => {
      for (const example of examples) {
        it(example.title, async () => {
          const client = await endpoint.connect();
          await check(client, example);
          await client.end();
        });
      }
    });
  }
});
