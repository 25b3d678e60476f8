import assert from 'node:assert/strict';
import { findSqlFailure } from '../../../../src/adapters/redshift/sql-failures/sqlstate.js';
import type { FailureKind } from '../../../../src/domain/failure.js';

interface Case {
  readonly code?: string;
  readonly message: string;
  readonly kind: FailureKind;
  readonly rule: string;
}

const CASES: readonly Case[] = [
  {
    code: 'XX000',
    message:
      'ERROR: 1023 DETAIL: Serializable isolation violation on table - 123, transactions forming the cycle are: 1, 2',
    kind: 'sqlConflict',
    rule: 'serializable conflict',
  },
  { code: 'XX000', message: 'conflict with concurrent transaction', kind: 'sqlConflict', rule: 'snapshot conflict' },
  {
    code: 'XX000',
    message: 'could not open relation with OID 1234',
    kind: 'sqlConflict',
    rule: 'relation replaced meanwhile',
  },
  { code: '40001', message: 'serialization failure', kind: 'sqlConflict', rule: 'deadlock' },
  { code: '40P01', message: 'deadlock detected', kind: 'sqlConflict', rule: 'deadlock' },
  { code: '42P07', message: 'relation "users" already exists', kind: 'sqlConflict', rule: 'created meanwhile' },
  {
    code: 'XX000',
    message: 'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown',
    kind: 'throttled',
    rule: 'S3 throttles',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken,Rid 403,ExtRid x,CanRetry 1',
    kind: 'expired',
    rule: 'S3 credentials expired',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:Access Denied,Status 403,Error AccessDenied, key Error ExpiredToken/token has expired.json',
    kind: 'source',
    rule: 'S3 denied',
  },
  {
    code: 'XX000',
    message: 'S3ServiceException:Access Denied,Status 403,Error AccessDenied',
    kind: 'source',
    rule: 'S3 denied',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:The S3 bucket addressed by the query is in a different region from this cluster.,Status 301',
    kind: 'source',
    rule: 'other region',
  },
  {
    code: 'XX000',
    message:
      'User arn:aws:redshift:us-east-1:1:dbuser:c/admin is not authorized to assume IAM Role arn:aws:iam::1:role/r',
    kind: 'sqlTerminal',
    rule: 'role not attached',
  },
  {
    code: 'XX000',
    message: "The specified S3 prefix 'log_data' does not exist",
    kind: 'source',
    rule: 'S3 object gone',
  },
  {
    code: '28P01',
    message: 'password authentication failed for user "admin"',
    kind: 'authentication',
    rule: 'authentication',
  },
  { code: '28000', message: 'no such user', kind: 'authentication', rule: 'authentication' },
  {
    code: '57P01',
    message: 'terminating connection due to administrator command',
    kind: 'sqlTransient',
    rule: 'connection lost',
  },
  { code: '57P03', message: 'the database system is starting up', kind: 'notReady', rule: 'starting up' },
  { code: '08006', message: 'connection failure', kind: 'sqlTransient', rule: 'connection lost' },
  { message: 'Connection terminated unexpectedly', kind: 'sqlTransient', rule: 'connection ended' },
  { code: 'ECONNRESET', message: 'read ECONNRESET', kind: 'sqlTransient', rule: 'connection reset' },
  { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1', kind: 'unreachable', rule: 'unreachable' },
  {
    code: 'ENOTFOUND',
    message: 'getaddrinfo ENOTFOUND nowhere.invalid',
    kind: 'unknownHost',
    rule: 'name not known',
  },
  { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT 10.0.0.1:5439', kind: 'unreachable', rule: 'unreachable' },
  { message: 'timeout expired', kind: 'unreachable', rule: 'connect timeout' },
  {
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
    message: 'self-signed certificate in certificate chain',
    kind: 'tls',
    rule: 'certificate not trusted',
  },
  {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    message: "Host: a. is not in the cert's altnames",
    kind: 'tls',
    rule: 'certificate of another host',
  },
  { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired', kind: 'tls', rule: 'certificate out of date' },
  { message: 'The server does not support SSL connections', kind: 'tls', rule: 'no TLS' },
  { code: '53100', message: 'could not extend file', kind: 'sqlTerminal', rule: 'disk full' },
  { code: 'XX000', message: 'Disk Full', kind: 'sqlTerminal', rule: 'disk full, in Redshift words' },
  { code: '53300', message: 'too many connections', kind: 'throttled', rule: 'out of resources' },
  { code: '57014', message: "Query (17) cancelled on user's request", kind: 'sqlTerminal', rule: 'cancelled' },
  { code: '25006', message: 'transaction is read-only', kind: 'notReady', rule: 'read-only for now' },
  { code: '42P01', message: 'relation "songplays" does not exist', kind: 'sqlTerminal', rule: 'missing object' },
  { code: '42601', message: 'syntax error at or near "selec"', kind: 'sqlTerminal', rule: 'statement' },
  { code: '42501', message: 'permission denied for relation users', kind: 'sqlTerminal', rule: 'permission' },
  {
    code: '2BP01',
    message: 'cannot drop table users because other objects depend on it',
    kind: 'sqlTerminal',
    rule: 'dependent objects',
  },
  { code: '22012', message: 'division by zero', kind: 'sqlTerminal', rule: 'data' },
  { code: '23502', message: 'null value in column "start_time"', kind: 'sqlTerminal', rule: 'constraint' },
  {
    code: 'XX000',
    message:
      'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 5001,ExtRid 503,CanRetry 1, key events-500.json',
    kind: 'source',
    rule: 'S3 denied',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,Rid 503, key log_data/events-500.json',
    kind: 'source',
    rule: 'S3 object gone',
  },
  {
    code: 'XX000',
    message: 'S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,Rid 500',
    kind: 'source',
    rule: 'S3 object gone',
  },
  {
    code: 'XX000',
    message: 'S3ServiceException:The object is archived,Status 400,Error InvalidObjectState, key SlowDown/503.json',
    kind: 'sqlTerminal',
    rule: 'unknown',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:We encountered an internal error. Please try again.,Status 500,Error InternalError,Rid 1',
    kind: 'sqlTransient',
    rule: 'S3 failed for a moment',
  },
  {
    code: 'XX000',
    message:
      'S3ServiceException:Your socket connection was not read from in time.,Status 400,Error RequestTimeout,Rid 1',
    kind: 'sqlTransient',
    rule: 'S3 failed for a moment',
  },
  {
    code: '40001',
    message: 'could not complete because of conflict with another transaction. error: Serializable... code: 1023',
    kind: 'sqlConflict',
    rule: 'serializable conflict',
  },
  { code: 'XX000', message: 'ERROR: 1023', kind: 'sqlConflict', rule: 'serializable conflict' },
  { code: '42601', message: 'syntax error at or near "1023"', kind: 'sqlTerminal', rule: 'statement' },
  { code: '42601', message: 'syntax error at or near "code: 1023"', kind: 'sqlTerminal', rule: 'statement' },
  { code: '22P02', message: 'invalid input syntax for type bigint: "x 1023"', kind: 'sqlTerminal', rule: 'data' },
  { code: '42P01', message: 'relation "disk full" does not exist', kind: 'sqlTerminal', rule: 'missing object' },
  { code: '53100', message: 'Disk Full', kind: 'sqlTerminal', rule: 'disk full' },
  {
    code: 'XX000',
    message: 'S3CurlException: read ECONNRESET, CurlError 7, multiCurlError 0, CanRetry 1, UserError 0',
    kind: 'sqlTransient',
    rule: 'S3 not reached',
  },
  { code: 'XX000', message: 'Assert', kind: 'sqlTerminal', rule: 'unknown' },
];

describe('sqlstate', () => {
  for (const { code, message, kind, rule } of CASES) {
    it(`takes ${code ?? 'no code'} "${message.slice(0, 60)}" for ${kind}`, () => {
      const found = findSqlFailure({ code, message });
      assert.equal(found.kind, kind);
      assert.equal(found.name, rule);
    });
  }
});
