import type { CopyFacts } from '../../../domain/facts.js';
import type { LedgerFile, LedgerKey } from '../ledger/ledger.js';
import { ensureLedger } from '../ledger/ledger-tables.js';
import { completeQuarantine } from '../ledger/quarantine-completion.js';
import type { LeftOutFile } from '../ledger/quarantine-entries.js';
import type { Session } from '../session/session.js';
import type { CopyStatement } from './copy-statement.js';
import { ensureLoadColumn } from './load-column.js';
import { type CopyContext, prepareCopy } from './run-copy.js';
import { recordedRejects } from './stage-facts.js';
import { stageInFull } from './stage-full.js';
import { stageIncrement } from './stage-incremental.js';

/** A file that a manifest lists. */
export type StagedFile = Omit<LedgerFile, 'rows'>;

/** One load of a staging table. */
export interface StageRequest {
  readonly key: LedgerKey;
  readonly copy: Omit<CopyStatement, 'schema' | 'table' | 'columns'>;
  /** What the manifest lists. */
  readonly files: readonly StagedFile[];
  /** What a person left out: it goes into quarantine. */
  readonly leftOut?: readonly LeftOutFile[];
  /** Lists the source once more, after the COPY: what has changed since it was listed first must not be recorded as loaded. */
  readonly relist: () => Promise<readonly StagedFile[]>;
  /** The files are added to those that the table holds. Absent: they replace them all. */
  readonly increment?: Increment;
}

/** How an incremental load fits what the table holds. */
export interface Increment {
  /** Number of the table's last load that the ledger knew when the source was listed. */
  readonly asOf: number;
  /** Numbers of the loads whose files are all loaded anew: their rows go. */
  readonly replaces: readonly number[];
  /** Writes a manifest of fewer files, where others have loaded some of them since, and returns its URL. */
  readonly pin: (files: readonly StagedFile[]) => Promise<string>;
}

/** A load with what the session has found out before its transaction. */
export interface PreparedStage extends StageRequest {
  /** Columns that COPY fills. */
  readonly columns: readonly string[];
  readonly identity: readonly string[];
  readonly context: CopyContext;
}

/**
 * Loads the manifest into the staging table, once per ledger key: a step that is done returns its recorded facts. In full the table
 * then holds these files, in increments these and those from before; either in one transaction with the ledger's rows. Rejected rows that
 * the load views show only afterwards go into quarantine in a transaction of their own.
 *
 * @throws TerminalError copyRejectedRows, ledgerMismatch, fileChanged, listingOutdated
 */
export async function stageTable(session: Session, request: StageRequest): Promise<CopyFacts> {
  const { key, increment } = request;
  await ensureLedger(session, [key]);
  const { loaded: columns, identity } = await ensureLoadColumn(session, key);
  const stage = { ...request, columns, identity, context: await prepareCopy(session) };
  const facts = await (increment === undefined
    ? stageInFull(session, stage)
    : stageIncrement(session, { ...stage, increment }));
  return facts.rejectedRows === 0 ? facts : withWholeQuarantine(session, { stage, facts });
}

async function withWholeQuarantine(
  session: Session,
  { stage, facts }: { readonly stage: PreparedStage; readonly facts: CopyFacts },
): Promise<CopyFacts> {
  const { key, context } = stage;
  const missing = await completeQuarantine(session, { key, context, copiedHere: !facts.alreadyDone });
  return {
    ...facts,
    rejects: await recordedRejects(session, key),
    ...(missing === 0 ? {} : { notInQuarantine: missing }),
  };
}
