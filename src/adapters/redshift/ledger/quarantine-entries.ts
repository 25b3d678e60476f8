import { qualify, quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';
import { lastRejectedLine, type RejectedLine, readRejectedLines } from '../stage/load-errors.js';
import type { CopyContext } from '../stage/run-copy.js';
import { insertRows, type LedgerKey } from './ledger.js';
import { LEDGER_SCHEMA } from './ledger-tables.js';

/** A file that a person left out of a load. */
export interface LeftOutFile {
  /** `s3://` URL. */
  readonly url: string;
  readonly etag?: string | undefined;
  /** The error after which it was left out. */
  readonly reason: string;
}

/** What a load did without. */
export interface Quarantined {
  readonly key: LedgerKey;
  readonly loadNumber: number;
  /** What the load pinned: the ETags of the files with rejected rows. */
  readonly files: readonly { readonly url: string; readonly etag?: string | undefined }[];
  readonly leftOut: readonly LeftOutFile[];
  readonly rejectedRows: number;
  readonly context: CopyContext;
}

/** Bytes of a text column of the quarantine table. */
const TEXT_BYTES = 4_096;

const COLUMNS =
  'workflow_id, run_id, step, table_schema, table_name, load_number, url, etag, line_number, column_name, value, raw_text, reason, quarantined_at';

/**
 * Records the rows and files that a load did without, in its transaction: a row each. Rejected rows that the views do not show yet
 * are left to completeQuarantine.
 */
export async function recordQuarantine(session: Session, quarantined: Quarantined): Promise<void> {
  const { leftOut, rejectedRows, context } = quarantined;
  if (leftOut.length > 0) await insertEntries(session, quarantined, await fileEntries(session, quarantined));
  if (rejectedRows === 0) return;
  const etags = new Map(quarantined.files.map(({ url, etag }) => [url, etag]));
  for await (const lines of readRejectedLines(session, { ...context, expected: rejectedRows, settleMs: 0 })) {
    await insertEntries(
      session,
      quarantined,
      lines.map((line) => rowEntry(line, etags.get(line.file))),
    );
  }
}

/** What stands in a row of the table beside the step: as SQL. */
export type Entry = readonly (string | null)[];

async function fileEntries(session: Session, { leftOut, context: { views } }: Quarantined): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const { url, etag, reason } of leftOut) {
    // The line is told only where it is what the file was left out for.
    const rawLine = reason.includes(url) ? await lastRejectedLine(session, { url, views }) : undefined;
    entries.push([text(url), text(etag), null, null, null, text(rawLine), text(reason)]);
  }
  return entries;
}

/** The entry of a rejected row. */
export function rowEntry(
  { file, line, column, value, rawLine, reason }: RejectedLine,
  etag: string | undefined,
): Entry {
  return [text(file), text(etag), String(line), text(column), text(value), text(rawLine), text(reason)];
}

/** Writes entries of a step's load. */
export async function insertEntries(
  session: Session,
  { key, loadNumber }: Pick<Quarantined, 'key' | 'loadNumber'>,
  entries: readonly Entry[],
): Promise<void> {
  const step = [key.workflowId, key.runId, key.step, key.schema, key.table].map(quoteLiteral).join(', ');
  await insertRows(session, {
    into: `${qualify(LEDGER_SCHEMA, 'quarantine')} (${COLUMNS})`,
    rows: entries.map(
      (entry) => `(${step}, ${loadNumber}, ${entry.map((value) => value ?? 'null').join(', ')}, getdate())`,
    ),
    action: `Recording in the quarantine what ${key.step} did without`,
  });
}

/** A literal that fits its column. VARCHAR counts bytes; a character that is cut in two becomes none. */
function text(value: string | undefined): string | null {
  if (value === undefined) return null;
  const bytes = Buffer.from(value);
  if (bytes.length <= TEXT_BYTES) return quoteLiteral(value);
  return quoteLiteral(
    bytes
      .subarray(0, TEXT_BYTES)
      .toString()
      .replace(/\ufffd+$/, ''),
  );
}
