import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findAwsFailure } from '../../src/adapters/aws/aws-failure.js';
import { AWS_FAILURES, UNKNOWN_AWS_FAILURE } from '../../src/adapters/aws/aws-failure-rules.js';
import { findSqlFailure, SQL_FAILURES } from '../../src/adapters/redshift/sql-failures/sqlstate.js';
import { UNKNOWN_SQL_FAILURE } from '../../src/adapters/redshift/sql-failures/statement-failures.js';
import { S3_FAILURES } from '../../src/adapters/s3/s3-failure.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { errorDocument } from './error-table.js';

describe('docs/errors.md', () => {
  it('says what the rules say; else run node --import tsx test/docs/write-errors.ts', async () => {
    assert.equal(await readFile(join(PROJECT_ROOT, 'docs/errors.md'), 'utf8'), errorDocument());
  });

  it('shows examples that are met by their own rule, with each of its codes', () => {
    for (const rule of [...SQL_FAILURES, UNKNOWN_SQL_FAILURE]) {
      for (const code of rule.codes ?? [undefined]) {
        const whole = code?.replace('*', 'X').replace(/^(..)$/, '$1999');
        assert.equal(
          findSqlFailure({ code: whole, message: rule.example }).name,
          rule.name,
          `${whole} ${rule.example}`,
        );
      }
    }
    for (const rule of [...AWS_FAILURES, UNKNOWN_AWS_FAILURE]) {
      for (const name of rule.names ?? ['SomeError']) {
        for (const code of rule.codes ?? [undefined]) {
          const error = { name, message: rule.example, code, status: rule.status };
          assert.equal(findAwsFailure(error).name, rule.name, `${name} ${code}`);
        }
      }
    }
  });

  it('names each class once a table', () => {
    for (const rules of [SQL_FAILURES, AWS_FAILURES, S3_FAILURES]) {
      assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    }
  });
});
