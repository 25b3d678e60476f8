import type { RunResult } from '../../src/domain/progress.js';
import type { SourceFiles } from '../samples.js';
import type { WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';
import { ledgerBalance } from './ledger-balance.js';
import { leftovers } from './leftovers.js';
import { openSessions } from './open-sessions.js';
import { runResult } from './run-result.js';
import { type ComparedTable, type Contents, compareContents, readContents } from './table-contents.js';

/** A run that has ended, and what it should have left. */
export interface EndedRun {
  readonly schema: string;
  readonly tables: readonly ComparedTable[];
  /** Contents after an undisturbed full load of the same files. */
  readonly undisturbed: Contents;
  readonly sourceUrl: string;
  readonly files: SourceFiles;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly result: RunResult;
  /** How long sessions may take to close. @default 6000 */
  readonly settleMs?: number;
}

/** Everything that must be true after a run, whatever happened in it. Reads only. */
export async function verifyRun(sql: WarehouseSql, run: EndedRun): Promise<readonly Finding[]> {
  const { schema, tables, undisturbed, result } = run;
  const sessions = await openSessions(sql, run.settleMs);
  const contents = await readContents(sql, { schema, tables });
  const { workflowId, runId, steps } = result;
  return [
    ...sessions,
    ...compareContents(contents, undisturbed),
    ...(await ledgerBalance(sql, { ...run, workflowId, runId, steps })),
    ...(await leftovers(sql, { schema, tables: new Set(tables.map(({ name }) => name)) })),
    ...runResult(result, contents),
  ];
}
