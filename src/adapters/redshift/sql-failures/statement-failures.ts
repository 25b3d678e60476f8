import type { SqlFailureRule } from './sql-failure-rule.js';

const SPACE_ADVICE = 'Free space or resize the cluster.';
const DATA_ADVICE = 'Correct the data or the statement.';

/** What a statement needs and what it says. PostgreSQL "Error Codes"; Redshift reports most of its own errors as XX000. */
export const STATEMENT_FAILURES: readonly SqlFailureRule[] = [
  {
    name: 'cancelled',
    codes: ['57014'],
    kind: 'sqlTerminal',
    advice: 'Somebody, a statement timeout or a WLM rule cancelled the query; settle that first.',
    example: "Query (17) cancelled on user's request",
  },
  {
    name: 'disk full',
    codes: ['53100'],
    kind: 'sqlTerminal',
    advice: SPACE_ADVICE,
    example: 'could not extend file: No space left on device',
  },
  {
    name: 'disk full, in Redshift words',
    codes: ['XX000'],
    // The whole message, or the error in Redshift's frame; what is quoted may be anybody's words.
    text: /^ *disk full\b|error: *disk full\b/i,
    kind: 'sqlTerminal',
    advice: SPACE_ADVICE,
    example: 'Disk Full',
  },
  {
    name: 'out of resources',
    codes: ['53'],
    kind: 'throttled',
    advice: 'Connections, memory or queue slots are taken; it is tried again.',
    example: 'connection limit "500" exceeded for non-bootstrap users',
  },
  {
    name: 'server I/O',
    codes: ['58'],
    kind: 'sqlTransient',
    advice: 'It is tried again.',
    example: 'could not read block 0 of relation 1663/1/1: I/O error',
  },
  {
    name: 'permission',
    codes: ['42501'],
    kind: 'sqlTerminal',
    advice: 'Grant the user what is missing, or connect as another user.',
    example: 'permission denied for relation users',
  },
  {
    name: 'missing object',
    codes: ['42P01', '3F000'],
    kind: 'sqlTerminal',
    advice:
      'Create the tables first (createTables), with the same warehouse, design and schema; or correct the name in the file of the warehouse folder.',
    example: 'relation "songplays" does not exist',
  },
  {
    name: 'missing column',
    codes: ['42703'],
    kind: 'sqlTerminal',
    advice:
      'Correct the file of the warehouse folder that the statement is from. Only if the file is right and the table ' +
      'is older than the column: alter table ... add column. "recreate": true would add it too, but drops every row of every table.',
    example: 'column "user_agent" does not exist',
  },
  {
    name: 'missing database',
    codes: ['3D000'],
    kind: 'sqlTerminal',
    advice: 'Correct the name of the database, or create it.',
    example: 'database "nowhere" does not exist',
  },
  {
    name: 'dependent objects',
    codes: ['2BP01'],
    kind: 'sqlTerminal',
    advice: 'Drop what depends on the table, or keep the table: run without "recreate".',
    example: 'cannot drop table users because other objects depend on it',
  },
  {
    name: 'constraint',
    codes: ['23'],
    kind: 'sqlTerminal',
    advice: DATA_ADVICE,
    example: 'Cannot insert a NULL value into column start_time',
  },
  { name: 'data', codes: ['22'], kind: 'sqlTerminal', advice: DATA_ADVICE, example: 'division by zero' },
  {
    name: 'statement',
    codes: ['42', '0A'],
    kind: 'sqlTerminal',
    advice: 'Correct the file of the warehouse folder that the statement is from.',
    example: 'syntax error at or near "selec"',
  },
];

/** What is left: an error of the server that nobody has sorted yet is not tried for ever. */
export const UNKNOWN_SQL_FAILURE: SqlFailureRule = {
  name: 'unknown',
  kind: 'sqlTerminal',
  advice: 'See the message of the server, and mend its cause.',
  example: 'Assert',
};
