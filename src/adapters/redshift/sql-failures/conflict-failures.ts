import type { SqlFailureRule } from './sql-failure-rule.js';

const CONFLICT_ADVICE = 'It is tried again; if it stays, look for other loads into the same tables.';
const CREATED_ADVICE = 'Another run created it at the same time; it is tried again.';

/** Conflicts between transactions. DG "Serializable isolation" (1023); PostgreSQL "Error Codes", class 40. */
export const CONFLICT_FAILURES: readonly SqlFailureRule[] = [
  {
    name: 'serializable conflict',
    codes: ['XX000', '40001'],
    text: /(^|ERROR: *|code: *)1023\b|serializable isolation violation/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
    example: 'ERROR: 1023 DETAIL: Serializable isolation violation on table - 123',
  },
  {
    name: 'snapshot conflict',
    text: /conflict with concurrent transaction|could not serialize access/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
    example: 'conflict with concurrent transaction',
  },
  {
    name: 'relation replaced meanwhile',
    text: /could not open relation with OID|concurrently (dropped|updated)/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
    example: 'could not open relation with OID 1234',
  },
  {
    name: 'deadlock',
    codes: ['40001', '40P01', '55P03', '55006'],
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
    example: 'deadlock detected',
  },
  {
    name: 'created meanwhile',
    codes: ['42P06', '42P07', '42710'],
    kind: 'sqlConflict',
    advice: CREATED_ADVICE,
    example: 'relation "users" already exists',
  },
  {
    name: 'created meanwhile, told by the catalogue',
    text: /duplicate key value violates unique constraint "pg_/i,
    kind: 'sqlConflict',
    advice: CREATED_ADVICE,
    example: 'duplicate key value violates unique constraint "pg_class_relname_nsp_index"',
  },
];
