import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';
import { countLoadErrors, type LoadErrorsRequest, readRejectedLines, rejectedLineKey } from '../stage/load-errors.js';
import type { CopyContext } from '../stage/run-copy.js';
import { type LedgerKey, lockTargets } from './ledger.js';
import { LEDGER_SCHEMA } from './ledger-tables.js';
import { insertEntries, rowEntry } from './quarantine-entries.js';

/** A committed step that rejected rows. */
export interface CompletionRequest {
  readonly key: LedgerKey;
  readonly context: CopyContext;
  /** Whether the step's COPY ran in this session, or in that of an attempt before. */
  readonly copiedHere: boolean;
}

/** Outside of any transaction and lock, so only the step itself waits. */
const VIEWS_SETTLE_MS = 10_000;

/**
 * Adds the rejected rows of a committed step to the quarantine that the load views did not show to its transaction: they follow a COPY by
 * seconds, and a snapshot may hide them. Idempotent; an attempt that dies before it leaves the rest to the next one, which finds the
 * step done.
 *
 * @returns how many rejected rows are still not in quarantine, because the views do not show them
 */
export async function completeQuarantine(session: Session, request: CompletionRequest): Promise<number> {
  const { key, context, copiedHere } = request;
  const load = await readLoad(session, key);
  if (load === undefined || load.rejectedRows <= load.entries) return 0;
  const { rejectedRows: expected, copyId } = load;
  const lines = { ...context, expected, settleMs: VIEWS_SETTLE_MS, copyId: copiedHere ? undefined : copyId };
  const shown = await countLoadErrors(session, lines);
  if (shown <= load.entries) return expected - load.entries;
  const entries = await session.transaction(() => addMissing(session, { key, lines, loadNumber: load.number }));
  return Math.max(0, expected - entries);
}

interface RejectingLoad {
  readonly number: number;
  readonly copyId: number;
  readonly rejectedRows: number;
  /** How many of them are in quarantine. */
  readonly entries: number;
}

async function readLoad(session: Session, key: LedgerKey): Promise<RejectingLoad | undefined> {
  const entries = `select count(*) from ${qualify(LEDGER_SCHEMA, 'quarantine')} where ${stepIs(key)} and line_number is not null`;
  const { rows } = await session.run({
    sql: `select load_number, copy_id, rejected_rows, (${entries}) as entries
      from ${qualify(LEDGER_SCHEMA, 'load_steps')} where ${stepIs(key)} and load_number is not null`,
    action: `Asking the ledger for the rejected rows of ${key.step}`,
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    number: Number(row.load_number),
    copyId: Number(row.copy_id ?? -1),
    rejectedRows: Number(row.rejected_rows),
    entries: Number(row.entries),
  };
}

/** Under the lock of the guard, so that of two attempts only one adds a row. Returns how many entries there are then. */
async function addMissing(
  session: Session,
  work: { readonly key: LedgerKey; readonly lines: LoadErrorsRequest; readonly loadNumber: number },
): Promise<number> {
  const { key, lines, loadNumber } = work;
  await lockTargets(session, [key]);
  const there = await recordedKeys(session, key);
  const etags = await loadedEtags(session, key);
  for await (const page of readRejectedLines(session, { ...lines, settleMs: 0 })) {
    const missing = page.filter((line) => !there.has(rejectedLineKey(line)));
    for (const line of missing) there.add(rejectedLineKey(line));
    await insertEntries(
      session,
      { key, loadNumber },
      missing.map((line) => rowEntry(line, etags.get(line.file))),
    );
  }
  return there.size;
}

async function recordedKeys(session: Session, key: LedgerKey): Promise<Set<string>> {
  const { rows } = await session.run({
    sql: `select url, line_number, column_name from ${qualify(LEDGER_SCHEMA, 'quarantine')}
      where ${stepIs(key)} and line_number is not null`,
    action: `Reading the quarantine of ${key.step}`,
  });
  const keys = rows.map(({ url, line_number: line, column_name: column }) =>
    rejectedLineKey({ file: url ?? '', line: Number(line), ...(column == null ? {} : { column }) }),
  );
  return new Set(keys);
}

async function loadedEtags(session: Session, key: LedgerKey): Promise<ReadonlyMap<string, string | undefined>> {
  const { rows } = await session.run({
    sql: `select url, etag from ${qualify(LEDGER_SCHEMA, 'load_files')} where ${stepIs(key)}`,
    action: `Asking the ledger for the files of ${key.step}`,
  });
  return new Map(rows.map(({ url, etag }) => [url ?? '', etag ?? undefined]));
}

function stepIs({ workflowId, runId, step, schema, table }: LedgerKey): string {
  return `workflow_id = ${quoteLiteral(workflowId)} and run_id = ${quoteLiteral(runId)} and step = ${quoteLiteral(step)}
    and table_schema = ${quoteLiteral(schema)} and table_name = ${quoteLiteral(table)}`;
}
