import { findLedgerColumns } from '../../adapters/redshift/ledger/history.js';
import { LEDGER_SCHEMA } from '../../adapters/redshift/ledger/ledger-tables.js';
import { describeEndpoint } from '../../adapters/redshift/session/connection-settings.js';
import type { Session } from '../../adapters/redshift/session/session.js';
import { CliError } from '../cli-error.js';

/** Columns that only a ledger of this version has; older ones are brought up to date by the next load. */
const NEWEST: readonly (readonly [table: string, column: string])[] = [
  ['load_steps', 'quarantined_files'],
  ['load_files', 'load_number'],
  ['quarantine', 'raw_text'],
];

/**
 * Makes sure that there is a ledger to read. Creates nothing.
 * @throws CliError (exit 1) saying how it comes into being
 */
export async function requireLedger(session: Session): Promise<void> {
  const tables = await findLedgerColumns(session);
  const where = describeEndpoint(session.settings);
  if (!tables.has('load_steps')) {
    throw new CliError(
      `There is no ledger in ${where}: Starshift has not loaded anything there yet (schema ${LEDGER_SCHEMA}). The first load writes it, for example: npx starshift run loadWarehouse --input-file examples/load-warehouse.json`,
    );
  }
  if (NEWEST.every(([table, column]) => tables.get(table)?.has(column))) return;
  throw new CliError(
    `The ledger in ${where} is from an older version of Starshift. The next load brings it up to date; then ask again.`,
  );
}
