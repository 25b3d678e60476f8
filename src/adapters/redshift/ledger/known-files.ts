import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';
import { ensureLedger, LEDGER_SCHEMA, type TargetTable } from './ledger-tables.js';
import { readTableState, type TableState } from './table-state.js';

/** A file whose rows a staging table holds. */
export interface KnownFile {
  /** `s3://` URL. */
  readonly url: string;
  readonly etag?: string | undefined;
  readonly sizeBytes: number;
  /** The load that brought its rows. */
  readonly load: number;
  readonly workflowId: string;
  readonly runId: string;
  /** The server's time, UTC. */
  readonly loadedAt: string;
}

/** What the ledger knows about the files of a staging table, as of one load. */
export interface KnownFiles {
  readonly asOf: number;
  /** By URL. */
  readonly files: ReadonlyMap<string, KnownFile>;
  /** ETags of files that were left out and not loaded since, by URL. */
  readonly quarantined: ReadonlyMap<string, string | undefined>;
}

/**
 * Reads which files are in the table and which were left out. It is consistent without a transaction: the state comes first, and
 * what belongs to its loads was committed with them. Reads only, after it has made sure of the ledger.
 */
export async function readKnownFiles(session: Session, target: TargetTable): Promise<KnownFiles> {
  await ensureLedger(session, [target]);
  const state = await readTableState(session, target);
  if (state.last === 0) return { asOf: 0, files: new Map(), quarantined: new Map() };
  const files = await filesInTable(session, { target, state });
  return { asOf: state.last, files, quarantined: await leftOutFiles(session, { target, state, files }) };
}

interface Reading {
  readonly target: TargetTable;
  readonly state: TableState;
}

/** Of the entries of a file the last one counts: its load has replaced those before. */
async function filesInTable(session: Session, reading: Reading): Promise<ReadonlyMap<string, KnownFile>> {
  const { rows } = await session.run({
    sql: `select url, etag, size_bytes, load_number, workflow_id, run_id, committed_at
      from ${qualify(LEDGER_SCHEMA, 'load_files')} where ${ofCurrentLoads(reading)} order by load_number`,
    action: `Asking the ledger for the files in ${reading.target.table}`,
  });
  return new Map(
    rows.map((row) => [
      row.url ?? '',
      {
        url: row.url ?? '',
        etag: row.etag ?? undefined,
        sizeBytes: Number(row.size_bytes),
        load: Number(row.load_number),
        workflowId: row.workflow_id ?? '',
        runId: row.run_id ?? '',
        loadedAt: row.committed_at ?? '',
      },
    ]),
  );
}

async function leftOutFiles(
  session: Session,
  { target, state, files }: Reading & { readonly files: ReadonlyMap<string, KnownFile> },
): Promise<ReadonlyMap<string, string | undefined>> {
  const { rows } = await session.run({
    sql: `select url, etag, load_number from ${qualify(LEDGER_SCHEMA, 'quarantine')}
      where ${ofCurrentLoads({ target, state })} and line_number is null order by load_number`,
    action: `Asking the ledger for the files left out of ${target.table}`,
  });
  const open = rows.filter((row) => (files.get(row.url ?? '')?.load ?? 0) <= Number(row.load_number));
  return new Map(open.map((row) => [row.url ?? '', row.etag ?? undefined]));
}

function ofCurrentLoads({ target, state }: Reading): string {
  return `table_schema = ${quoteLiteral(target.schema)} and table_name = ${quoteLiteral(target.table)}
    and load_number between ${state.base} and ${state.last}`;
}
