import { TerminalError } from '../../errors.js';
import type { TargetTable } from '../ledger/ledger-tables.js';
import { quoteIdentifier } from '../quote.js';
import type { Session } from '../session/session.js';
import { statementFile } from './statement-file.js';

/** Rows that are to go into a table. */
export interface UniqueKeysRequest {
  /** Quoted name of the table that holds them. */
  readonly rows: string;
  readonly target: TargetTable;
  readonly key: readonly string[];
  /** Whether load/<table>.sql has given them; load/<table>.incremental.sql otherwise. */
  readonly whole: boolean;
}

const MAX_SAMPLE = 20;
const MAX_SHOWN = 3;

/**
 * Makes sure that no two rows have the same key, null being a value like others.
 *
 * @throws TerminalError duplicateKeys with at most 20 of the keys as details
 */
export async function requireUniqueKeys(session: Session, request: UniqueKeysRequest): Promise<void> {
  const { rows, target, key } = request;
  const columns = key.map(quoteIdentifier).join(', ');
  const found = await session.run({
    sql: `select ${columns}, count(*) as "starshift$copies" from ${rows}
      group by ${columns} having count(*) > 1 order by ${columns} limit ${MAX_SAMPLE}`,
    action: `Looking for duplicate keys of ${target.table}`,
  });
  if (found.rows.length === 0) return;
  const samples = found.rows.map(({ starshift$copies: copies, ...values }) => {
    const named = Object.entries(values).map(([column, value]) => `${column}=${value ?? 'null'}`);
    return `${named.join(', ')} (${copies} rows)`;
  });
  throw duplicateKeys(request, samples);
}

function duplicateKeys({ target, whole }: UniqueKeysRequest, samples: readonly string[]): TerminalError {
  const statement = statementFile({ table: target.table, whole });
  const more = samples.length > MAX_SHOWN ? '; ...' : '';
  return new TerminalError({
    kind: 'duplicateKeys',
    message:
      `${statement} gives more than one row for ${howMany(samples.length)} of ${target.table}: ${samples.slice(0, MAX_SHOWN).join('; ')}${more}. ` +
      'Nothing was changed. Make the statement give one row a key (row_number() over (partition by ...)), or name in warehouse.yaml the key that tells its rows apart.',
    resource: `${target.schema}.${target.table}`,
    details: samples,
  });
}

function howMany(keys: number): string {
  if (keys === 1) return 'a key';
  return keys === MAX_SAMPLE ? `at least ${keys} keys` : `${keys} keys`;
}
