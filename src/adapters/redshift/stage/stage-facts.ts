import type { CopyFacts, RejectedRow } from '../../../domain/facts.js';
import type { LedgerKey, LedgerStep } from '../ledger/ledger.js';
import { LEDGER_SCHEMA } from '../ledger/ledger-tables.js';
import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';

const MAX_REJECTS = 20;

/** What a stage step did, as it is reported; counts that are nothing are left out. */
export function stageFacts(
  step: Omit<LedgerStep, 'kind'>,
  { rejects, alreadyDone }: Pick<CopyFacts, 'rejects' | 'alreadyDone'>,
): CopyFacts {
  const { rows, files, sizeBytes, rejectedRows, quarantinedFiles = 0, deletedRows = 0 } = step;
  return {
    ...{ rows, files, sizeBytes, rejectedRows, rejects, alreadyDone },
    ...(quarantinedFiles === 0 ? {} : { quarantinedFiles }),
    // That a full load replaces what there was goes without saying.
    ...(deletedRows === 0 || step.mode !== 'incremental' ? {} : { deletedRows }),
  };
}

/** The facts of a step that was committed before, with the rejected rows that it put into quarantine. */
export async function recordedFacts(session: Session, key: LedgerKey, step: LedgerStep): Promise<CopyFacts> {
  const rejects = step.rejectedRows === 0 ? [] : await recordedRejects(session, key);
  return stageFacts(step, { rejects, alreadyDone: true });
}

/** The first of the rejected rows that the step put into quarantine; at most 20. */
export async function recordedRejects(session: Session, key: LedgerKey): Promise<readonly RejectedRow[]> {
  const { rows } = await session.run({
    sql: `select url, line_number, column_name, value, reason from ${qualify(LEDGER_SCHEMA, 'quarantine')}
      where workflow_id = ${quoteLiteral(key.workflowId)} and run_id = ${quoteLiteral(key.runId)}
        and step = ${quoteLiteral(key.step)} and table_schema = ${quoteLiteral(key.schema)}
        and table_name = ${quoteLiteral(key.table)} and line_number is not null
      order by url, line_number limit ${MAX_REJECTS}`,
    action: `Reading the rejected rows of ${key.step} from the ledger`,
  });
  return rows.map(({ url, line_number: line, column_name: column, value, reason }) => ({
    file: url ?? '',
    line: Number(line),
    ...(column === null || column === undefined ? {} : { column }),
    ...(value === null || value === undefined ? {} : { value }),
    reason: reason ?? '',
  }));
}
