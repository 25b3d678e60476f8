import type { CopyFacts } from '../../../domain/facts.js';
import { count } from '../../../domain/step-titles.js';
import { TerminalError, TransientError } from '../../errors.js';
import { stillToLoad } from '../../s3/listing-difference.js';
import { requireUnchanged, tableRebuilt } from '../../s3/outdated-listing.js';
import { readKnownFiles } from '../ledger/known-files.js';
import { type LedgerKey, type LedgerStep, lockAndFindStep, recordFiles, recordStep } from '../ledger/ledger.js';
import { recordQuarantine } from '../ledger/quarantine-entries.js';
import { readTableState, type TableState } from '../ledger/table-state.js';
import { qualify, quoteIdentifier } from '../quote.js';
import type { Session } from '../session/session.js';
import { LOAD_COLUMN } from './load-column.js';
import { type CopyOutcome, runCopy } from './run-copy.js';
import { recordedFacts, stageFacts } from './stage-facts.js';
import type { Increment, PreparedStage } from './stage-table.js';

type PreparedIncrement = PreparedStage & { readonly increment: Increment };

/** Loads of others that may come in between; each takes a COPY's time, so more of them mean something else. */
const MAX_ROUNDS = 20;
/** COPY cannot write a load's number, so the rows of an increment rest here before they go into the table. */
const INCREMENT = 'starshift_increment';

/**
 * Adds the rows of the files to the table, and takes away those of the loads that are replaced, in one transaction. What others have
 * loaded since the source was listed is dropped from the files first.
 *
 * @throws TerminalError ledgerMismatch when the table does not hold what the ledger says; listingOutdated when it was rebuilt, or files
 *   changed, since the source was listed
 */
export async function stageIncrement(session: Session, prepared: PreparedIncrement): Promise<CopyFacts> {
  let stage = prepared;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const facts = await session.transaction(() => loadIfCurrent(session, stage, prepared.increment.asOf));
    if (facts !== undefined) return facts;
    stage = await withoutLoaded(session, stage);
  }
  const { table } = prepared.key;
  throw new TransientError({
    kind: 'sqlConflict',
    message: `Other loads of ${table} came before this one again and again. It is tried again; run one load of a table at a time.`,
    resource: `${prepared.key.schema}.${table}`,
  });
}

/** Undefined when another load was committed since the files were chosen. */
async function loadIfCurrent(
  session: Session,
  stage: PreparedIncrement,
  listedAsOf: number,
): Promise<CopyFacts | undefined> {
  const { key, files, leftOut = [], increment } = stage;
  const done = await lockAndFindStep(session, key);
  if (done !== undefined) return recordedFacts(session, key, done);
  const state = await readTableState(session, key);
  // Files that the listing found in the table went away with their rows, and it would not load them.
  if (state.base > listedAsOf) throw tableRebuilt({ table: key.table, resource: `${key.schema}.${key.table}` });
  if (state.last !== increment.asOf) return undefined;
  await requireLedgerRows(session, key, state);
  const nothing = files.length === 0 && leftOut.length === 0;
  const { step, rejects } = nothing ? NOTHING_NEW : await load(session, stage, state);
  await recordStep(session, key, step);
  return stageFacts(step, { rejects, alreadyDone: false });
}

interface Loaded extends Pick<CopyFacts, 'rejects'> {
  readonly step: LedgerStep;
}

const NOTHING_NEW: Loaded = {
  step: { kind: 'stage', mode: 'incremental', rows: 0, files: 0, sizeBytes: 0, rejectedRows: 0 },
  rejects: [],
};

async function load(session: Session, stage: PreparedIncrement, state: TableState): Promise<Loaded> {
  const { key, files, leftOut = [], increment, context } = stage;
  const number = state.last + 1;
  const copied = files.length === 0 ? undefined : await fillIncrement(session, stage);
  const deletedRows = await deleteLoads(session, { key, loads: increment.replaces, state });
  const rows = copied === undefined ? 0 : await insertIncrement(session, stage, number);
  const { rejectedRows = 0, rejects = [], copyId } = copied ?? {};
  await recordQuarantine(session, { key, loadNumber: number, files, leftOut, rejectedRows, context });
  await recordFiles(session, key, {
    files: files.map((file) => ({ ...file, rows: copied?.rowsByUrl.get(file.url) })),
    loadNumber: number,
  });
  const step: LedgerStep = {
    ...{ kind: 'stage', mode: 'incremental', rows, files: files.length, rejectedRows, deletedRows, copyId },
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    quarantinedFiles: leftOut.length,
    load: {
      number,
      change: increment.replaces.length > 0 ? 'replace' : 'append',
      totalRows: state.totalRows - deletedRows + rows,
    },
  };
  return { step, rejects };
}

async function fillIncrement(session: Session, stage: PreparedIncrement): Promise<CopyOutcome> {
  const { key, copy, files, columns, identity, relist, context } = stage;
  const action = `Preparing the load of ${key.table}`;
  const target = qualify(key.schema, key.table);
  // LIKE keeps NOT NULL, so that COPY tells the file and line of a missing value.
  await session.run({ sql: `create temp table ${INCREMENT} (like ${target} including defaults)`, action });
  for (const column of identity) {
    await session.run({ sql: `alter table ${INCREMENT} drop column ${quoteIdentifier(column)}`, action });
  }
  const copied = await runCopy(session, { copy: { ...copy, table: INCREMENT, columns }, table: key.table, ...context });
  requireUnchanged({ table: key.table, loaded: files, now: await relist() });
  return copied;
}

async function insertIncrement(session: Session, { key, columns }: PreparedIncrement, load: number): Promise<number> {
  const names = columns.map(quoteIdentifier).join(', ');
  const { rowCount } = await session.run({
    sql: `insert into ${qualify(key.schema, key.table)} (${names}, ${LOAD_COLUMN}) select ${names}, ${load} from ${INCREMENT}`,
    action: `INSERT into ${key.table}`,
  });
  await session.run({ sql: `drop table ${INCREMENT}`, action: `Ending the load of ${key.table}` });
  return rowCount;
}

async function deleteLoads(
  session: Session,
  { key, loads, state }: { readonly key: LedgerKey; readonly loads: readonly number[]; readonly state: TableState },
): Promise<number> {
  if (loads.length === 0) return 0;
  const increments = loads.filter((number) => number !== state.base);
  const conditions = [
    ...(increments.length === 0 ? [] : [`${LOAD_COLUMN} in (${increments.join(', ')})`]),
    ...(increments.length === loads.length ? [] : [`${LOAD_COLUMN} is null`]),
  ];
  const { rowCount } = await session.run({
    sql: `delete from ${qualify(key.schema, key.table)} where ${conditions.join(' or ')}`,
    action: `Replacing rows of ${key.table}`,
  });
  return rowCount;
}

/** The table must hold what the ledger says, or an increment would be added to something that nobody knows. */
async function requireLedgerRows(session: Session, { schema, table }: LedgerKey, state: TableState): Promise<void> {
  const { rows } = await session.run({
    sql: `select count(*) as total from ${qualify(schema, table)}`,
    action: `Counting the rows of ${table}`,
  });
  const total = Number(rows[0]?.total);
  if (total === state.totalRows) return;
  const expected =
    state.last === 0
      ? 'the ledger knows no file that they came from'
      : `after its last load, number ${state.last}, it had ${count(state.totalRows, 'row')}`;
  throw new TerminalError({
    kind: 'ledgerMismatch',
    message:
      `${table} holds ${count(total, 'row')}, but ${expected}; nothing was changed. ` +
      'Load it once with "mode": "full", which replaces its rows by those of all files; incremental loads go on from there.',
    resource: `${schema}.${table}`,
  });
}

/** The load as it is to be now that others were committed since. */
async function withoutLoaded(session: Session, stage: PreparedIncrement): Promise<PreparedIncrement> {
  const { key, copy, files, leftOut = [], increment } = stage;
  const known = await readKnownFiles(session, key);
  const { asOf, replaces } = increment;
  const left = stillToLoad({ table: key.table, files, leftOut, asOf, replaces }, known);
  const manifestUrl =
    left.files.length === 0 || left.files.length === files.length ? copy.manifestUrl : await increment.pin(left.files);
  return {
    ...stage,
    copy: { ...copy, manifestUrl },
    files: left.files,
    leftOut: left.leftOut,
    increment: { ...increment, asOf: known.asOf, replaces: left.replaces },
  };
}
