import assert from 'node:assert/strict';
import { isLoadRejection, toSqlError } from '../../../../src/adapters/redshift/sql-failures/sql-error.js';

const CONTEXT = {
  action: 'COPY into staging_events',
  settings: { host: 'h', port: 5439, database: 'dev', user: 'admin', iamRole: 'default', password: () => 'Geheim-123' },
};

function errorOf(fields: { readonly message: string; readonly code?: string; readonly detail?: string }): Error {
  return Object.assign(new Error(fields.message), fields);
}

describe('toSqlError', () => {
  it("takes the error and the code out of Redshift's frame", () => {
    const detail =
      '\n  -----------------------------------------------\n  error:  The specified key does not exist.\n  code:      8001\n' +
      '  context:   \n  query:     17\n  location:  table_s3_scanner.cpp:372\n  process:   query0_118 [pid=1]\n' +
      '  -----------------------------------------------\n';
    assert.equal(
      toSqlError(errorOf({ message: 'S3ServiceException', code: 'XX000', detail }), CONTEXT).message,
      'COPY into staging_events failed in dev on h:5439: S3ServiceException. The specified key does not exist. Redshift error 8001 (XX000). ' +
        'Put the file back: the next try lists the source anew.',
    );
  });

  it('never repeats the password', () => {
    const { message } = toSqlError(errorOf({ message: 'user admin with Geheim-123 failed', code: '28000' }), CONTEXT);
    assert.match(message, /user admin with \*\*\* failed/);
    assert.doesNotMatch(message, /Geheim/);
  });

  it('says the first of the errors that Node met on the addresses of a host', () => {
    const refused = errorOf({ message: 'connect ECONNREFUSED ::1:5439', code: 'ECONNREFUSED' });
    const error = toSqlError(new AggregateError([refused]), CONTEXT);
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, /: connect ECONNREFUSED ::1:5439\. Check the host/);
  });

  it('passes what is told already', () => {
    const told = toSqlError(errorOf({ message: 'x', code: '42601' }), CONTEXT);
    assert.equal(toSqlError(told, CONTEXT), told);
  });

  it('knows the error of a COPY that rejected rows, in the words of STL and of SYS', () => {
    assert.equal(
      isLoadRejection(
        errorOf({ message: "Load into table 't' failed.  Check 'stl_load_errors' system table for details." }),
      ),
      true,
    );
    assert.equal(
      isLoadRejection(
        errorOf({ message: "Load into table 't' failed. Check 'sys_load_error_detail' system table for details." }),
      ),
      true,
    );
    assert.equal(isLoadRejection(errorOf({ message: 'syntax error' })), false);
  });
});
