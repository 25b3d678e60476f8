import { type QuarantinedFile, readQuarantine } from '../../adapters/redshift/ledger/quarantine.js';
import type { Session } from '../../adapters/redshift/session/session.js';
import { printableLine } from '../../domain/printable.js';
import type { RunOutcome } from '../watch-run.js';

/** What became of the entries of files that were loaded again. */
export interface RetryVerdict {
  readonly closed: readonly { readonly url: string; readonly table: string; readonly loadNumber: number | null }[];
  readonly open: readonly OpenFile[];
}

interface OpenFile {
  readonly url: string;
  readonly table: string;
  /** Entries that are open now. */
  readonly entries: number;
  /** Whether this run put the file there again, or did not take it. */
  readonly again: boolean;
  readonly reason: string;
}

/** Looks at the entries of these files once more. */
export async function readVerdict(
  session: Session,
  request: { readonly schema: string; readonly files: readonly QuarantinedFile[]; readonly workflowId: string },
): Promise<RetryVerdict> {
  const { schema, files, workflowId } = request;
  const now = await readQuarantine(session, { schema, closed: true, entriesPerFile: 1 });
  const standing = files.map(({ url, table }) => ({
    url,
    table,
    found: now.find((file) => file.url === url && file.table === table),
  }));
  return {
    closed: standing
      .filter(({ found }) => (found?.open ?? 0) === 0)
      .map(({ url, table, found }) => ({ url, table, loadNumber: found?.entries[0]?.closedBy?.loadNumber ?? null })),
    open: standing.flatMap(({ url, table, found }) => {
      const [entry] = found?.entries ?? [];
      if (found === undefined || entry === undefined || found.open === 0) return [];
      const again = entry.workflowId === workflowId;
      const line =
        entry.line === null ? '' : `line ${entry.line}${entry.column === null ? '' : `, column "${entry.column}"`}: `;
      return [{ url, table, entries: found.open, again, reason: `${line}${entry.reason}` }];
    }),
  };
}

/** The verdict in words. */
export function verdictLines({ closed, open }: RetryVerdict, outcome: RunOutcome): string[] {
  const lines = [
    '',
    ...closed.map(
      ({ url, table, loadNumber }) =>
        `Closed: ${url} is in ${table}${loadNumber === null ? '' : ` (load ${loadNumber})`}.`,
    ),
    ...open.map(
      ({ url, reason, again }) => `Open: ${url}: ${again ? `was not taken again. ${reason}` : notTaken(outcome)}`,
    ),
    ...(open.length === 0 ? [] : ['See: npx starshift quarantine list']),
  ];
  return lines.map((line) => line.split('\n').map(printableLine).join('\n  '));
}

function notTaken({ kind }: RunOutcome): string {
  if (kind === 'parked') return 'the run has not loaded it yet, it waits for an answer.';
  return kind === 'completed'
    ? 'the run ended without loading it; a step was skipped, or the file was left out.'
    : 'the run failed before it was loaded.';
}
