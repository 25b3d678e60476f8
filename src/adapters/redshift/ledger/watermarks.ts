import { createHash } from 'node:crypto';
import type { Lineage } from '../../warehouse/warehouse.js';
import { countRows } from '../count-rows.js';
import { qualify, quoteLiteral } from '../quote.js';
import type { Row, Session } from '../session/session.js';
import type { LedgerKey } from './ledger.js';
import { guardTable, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';

/** A target and what its rows are made of. */
export interface WatermarkRequest {
  readonly key: LedgerKey;
  /** The statement that defines the rows. */
  readonly definition: string;
  readonly lineage: Lineage;
}

/** How far a target has taken in what it is made of, as its guard and those of the tables it reads say in this transaction. */
export interface Progress {
  /**
   * Whether, since the target was written last, rows were added to its staging tables and nothing else has happened: no staging
   * table lost rows, no table in between was rebuilt, the definition is the same, nobody else has added or removed rows of the target.
   */
  readonly onlyAppended: boolean;
  /** Staging tables to which rows were added since. */
  readonly grown: ReadonlySet<string>;
  /** Number of the last load of each staging table that the target has taken in. */
  readonly takenIn: ReadonlyMap<string, number>;
  /** Rows that the target had when it was written last; meaningful when onlyAppended. */
  readonly rows: number;
  /** What the target will have taken in when it is written now. */
  readonly next: ReadonlyMap<string, number>;
  /** How often the target was rebuilt: written by other ways than taking in appended rows. */
  readonly rebuilds: number;
}

/** Stands for a step in the entries of a guard that say what the target has taken in. No step can be called so. */
const ABSORBED = '*absorbed';
/** The same for the entry about the target itself: its definition, rebuilds and rows. */
const STATE = '*state';

/** What a guard says: of a staging table its loads, of another table what it has taken in. */
interface GuardEntries {
  /** Of a staging table: its last load, and the last one that took rows away. 0: none. */
  readonly last: number;
  readonly lastRebuild: number;
  /** Of another table, when it was written at least once. */
  readonly state?: { readonly definition: string; readonly rebuilds: number; readonly rows: number } | undefined;
  readonly absorbed: ReadonlyMap<string, number>;
}

/** Every staging table that the rows come from, directly or through others. */
export function sourcesOf({ staged, derived }: Lineage): readonly string[] {
  return [...new Set([...staged, ...derived.flatMap(({ sources }) => sources)])];
}

/**
 * Reads how far the target is. Belongs into the transaction of its step, under the lock of its own guard; those of the tables it
 * reads are read and not locked, so that targets of one table are filled side by side. What is loaded while it runs is beyond the
 * watermark that it writes, and the next transform takes it in, again where it was seen already.
 */
export async function readProgress(session: Session, request: WatermarkRequest): Promise<Progress> {
  const { key, lineage } = request;
  const sources = sourcesOf(lineage);
  const guards = await readGuards(session, key, [key.table, ...sources, ...lineage.derived.map(({ table }) => table)]);
  const { absorbed: takenIn, state } = entriesOf(guards, key.table);
  const next = nextPositions(guards, lineage);
  const unbroken = isUnbroken(guards, request) && sources.every((source) => next.has(source));
  const rows = state?.rows ?? 0;
  return {
    onlyAppended: unbroken && (await hasRows(session, { ...key, rows })),
    grown: new Set(sources.filter((source) => takenIn.get(source) !== entriesOf(guards, source).last)),
    ...{ takenIn, rows, next, rebuilds: state?.rebuilds ?? 0 },
  };
}

/** Records what the target has taken in, in the transaction that has written it. */
export async function writeWatermarks(
  session: Session,
  written: WatermarkRequest & {
    readonly progress: Progress;
    /** Rows of the target now. */
    readonly rows: number;
    /** Whether it was written by other ways than taking in appended rows. */
    readonly rebuilt: boolean;
  },
): Promise<void> {
  const { key, definition, progress, rows, rebuilt } = written;
  const guard = qualify(LEDGER_SCHEMA, guardTable(key));
  const action = `Recording in the ledger what ${key.table} has taken in`;
  const who = [key.workflowId, key.runId].map(quoteLiteral).join(', ');
  const rebuilds = progress.rebuilds + (rebuilt ? 1 : 0);
  const state = `(${who}, '${STATE}', '${fingerprint(definition)}', ${rebuilds}, ${quoteLiteral(key.table)}, ${rows})`;
  const absorbed = [...progress.next].map(
    ([table, position]) => `(${who}, '${ABSORBED}', null, ${position}, ${quoteLiteral(table)}, null)`,
  );
  await session.run({ sql: `delete from ${guard} where source_table is not null`, action });
  await session.run({
    sql: `insert into ${guard} (workflow_id, run_id, step, change, load_number, source_table, total_rows)
      values ${[state, ...absorbed].join(',\n')}`,
    action,
  });
}

/** Whether nothing but rows added to staging tables lies between what the target has taken in and what there is. */
function isUnbroken(
  guards: ReadonlyMap<string, GuardEntries>,
  { key, definition, lineage }: WatermarkRequest,
): boolean {
  const { absorbed, state } = entriesOf(guards, key.table);
  if (state?.definition !== fingerprint(definition)) return false;
  const appended = sourcesOf(lineage).every((source) => {
    const { last, lastRebuild } = entriesOf(guards, source);
    const position = absorbed.get(source);
    return position !== undefined && lastRebuild <= position && position <= last;
  });
  return (
    appended &&
    lineage.derived.every(({ table }) => {
      const rebuilds = entriesOf(guards, table).state?.rebuilds;
      return rebuilds !== undefined && absorbed.get(table) === rebuilds;
    })
  );
}

/**
 * What the target takes in now. Of a staging table that it reads: everything. Of one behind another table: what that one has taken
 * in, which is less when its own step was skipped or has failed. Nothing is said of a source where nobody knows.
 */
function nextPositions(guards: ReadonlyMap<string, GuardEntries>, { staged, derived }: Lineage): Map<string, number> {
  const unknown = new Set<string>();
  const next = new Map(staged.map((source) => [source, entriesOf(guards, source).last]));
  for (const { table, sources } of derived) {
    const { absorbed, state } = entriesOf(guards, table);
    for (const source of sources) {
      const position = absorbed.get(source);
      if (position === undefined) unknown.add(source);
      else next.set(source, Math.min(position, next.get(source) ?? position));
    }
    if (state !== undefined) next.set(table, state.rebuilds);
  }
  for (const source of unknown) next.delete(source);
  return next;
}

async function readGuards(
  session: Session,
  { schema, table: target }: TargetTable,
  tables: readonly string[],
): Promise<ReadonlyMap<string, GuardEntries>> {
  const parts = [...new Set(tables)].sort().map(
    (
      table,
    ) => `select ${quoteLiteral(table)} as name, change, source_table, max(load_number) as number, max(total_rows) as total
      from ${qualify(LEDGER_SCHEMA, guardTable({ schema, table }))}
      where change is not null or source_table is not null
      group by change, source_table`,
  );
  const action = `Asking the ledger what ${target} has taken in`;
  const { rows } = await session.run({ sql: parts.join('\nunion all\n'), action });
  return new Map(tables.map((table) => [table, toEntries(rows.filter((row) => row.name === table))]));
}

function toEntries(rows: readonly Row[]): GuardEntries {
  const loads = rows.filter((row) => row.source_table === null);
  const lastOf = (changes: readonly (string | null | undefined)[]): number =>
    Math.max(0, ...loads.filter((row) => changes.includes(row.change)).map((row) => Number(row.number)));
  const state = rows.find((row) => row.source_table !== null && row.change !== null);
  const absorbed = rows.filter((row) => row.source_table !== null && row.change === null);
  return {
    last: lastOf(['full', 'replace', 'append']),
    lastRebuild: lastOf(['full', 'replace']),
    state: state && { definition: state.change ?? '', rebuilds: Number(state.number), rows: Number(state.total) },
    absorbed: new Map(absorbed.map((row) => [row.source_table ?? '', Number(row.number)])),
  };
}

function entriesOf(guards: ReadonlyMap<string, GuardEntries>, table: string): GuardEntries {
  return guards.get(table) ?? toEntries([]);
}

async function hasRows(
  session: Session,
  { schema, table, rows }: TargetTable & { readonly rows: number },
): Promise<boolean> {
  return (await countRows(session, { schema, tables: [table] }))[table] === rows;
}

function fingerprint(definition: string): string {
  return createHash('sha256').update(definition).digest('hex').slice(0, 16);
}
