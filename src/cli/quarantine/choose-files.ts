import { type QuarantinedFile, readQuarantine } from '../../adapters/redshift/ledger/quarantine.js';
import type { Session } from '../../adapters/redshift/session/session.js';
import { printableLine } from '../../domain/printable.js';
import { CliError } from '../cli-error.js';
import { closestNames } from '../closest-names.js';
import { requireLedger } from '../history/require-ledger.js';

/** Which files in quarantine are meant. */
export interface Choice {
  readonly schema: string;
  /** URLs, keys or tails of paths; empty: all of them. */
  readonly files: readonly string[];
  readonly table: string | undefined;
}

const NAMES_SHOWN = 5;

/**
 * The files with open entries that a person has named.
 * @throws CliError (exit 1) naming those that are not in quarantine
 */
export async function chooseFiles(session: Session, choice: Choice): Promise<readonly QuarantinedFile[]> {
  const { schema, files, table } = choice;
  await requireLedger(session);
  const open = await readQuarantine(session, { schema, entriesPerFile: 1 });
  if (table !== undefined) return ofTable(open, { schema, table });
  const unknown = files.filter((file) => !open.some(({ url }) => isMeant(url, file)));
  if (unknown.length > 0) throw notInQuarantine(unknown, open);
  return files.length === 0 ? open : open.filter(({ url }) => files.some((file) => isMeant(url, file)));
}

function ofTable(
  open: readonly QuarantinedFile[],
  { schema, table }: { readonly schema: string; readonly table: string },
): readonly QuarantinedFile[] {
  const files = open.filter((file) => file.table === table);
  if (files.length > 0 || open.length === 0) return files;
  const tables = [...new Set(open.map((file) => file.table))];
  throw new CliError(
    printableLine(
      `Nothing that was meant for ${schema}.${table} lies in quarantine. There are files for ${tables.join(', ')}.`,
    ),
  );
}

/** The URL, its key, or a tail of its path. */
function isMeant(url: string, file: string): boolean {
  return url === file || url.endsWith(`/${file.replace(/^\/+/, '')}`);
}

function notInQuarantine(unknown: readonly string[], open: readonly QuarantinedFile[]): CliError {
  const urls = [...new Set(open.map(({ url }) => url))];
  const near = closestNames(unknown[0] ?? '', urls);
  const there = near.length > 0 ? near : urls.slice(0, NAMES_SHOWN);
  const hint =
    there.length === 0 ? 'Nothing is.' : `These are: ${there.join(', ')}${urls.length > there.length ? ', ...' : '.'}`;
  return new CliError(printableLine(`Not in quarantine: ${unknown.join(', ')}. ${hint}`));
}
