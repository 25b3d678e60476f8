import { type LoadedFile, readFileLoads, readLatestFiles } from '../../adapters/redshift/ledger/history.js';
import { type QuarantinedFile, readQuarantine } from '../../adapters/redshift/ledger/quarantine.js';
import { printableLine } from '../../domain/printable.js';
import { CliError } from '../cli-error.js';
import { closestNames } from '../closest-names.js';
import { type Column, drawColumns, outputWidth } from '../columns.js';
import { formatBytes, formatCount } from '../format.js';
import { printableJson } from '../printable-json.js';
import type { HistoryRequest } from './show-steps.js';
import { utc } from './step-columns.js';

/** What the ledger knows of one file. */
interface FileHistory {
  readonly url: string;
  /** Newest first. */
  readonly loads: readonly LoadedFile[];
  readonly quarantine: readonly QuarantinedFile[];
}

const COLUMNS: readonly Column[] = [
  { title: 'LOADED (UTC)' },
  { title: 'TABLE', shrinks: 'keepStart' },
  { title: 'ROWS', right: true },
  { title: 'REJECTED', right: true },
  { title: 'SIZE', right: true },
  { title: 'ETAG', shrinks: 'keepStart' },
  { title: 'LOAD', right: true },
  { title: 'IN TABLE' },
  { title: 'WORKFLOW ID', shrinks: 'keepEnd' },
];

const FILES_SHOWN = 20;

/**
 * Which runs loaded a file, in which version, whether it is in its table now, and whether it is in quarantine.
 * @throws CliError (exit 1) when the ledger does not know the file
 */
export async function showFile(request: HistoryRequest & { readonly file: string }): Promise<void> {
  const { session, schema, file, terminal, limit = FILES_SHOWN, json } = request;
  const loads = await readFileLoads(session, { schema, file });
  const quarantine = await readQuarantine(session, { schema, file, closed: true });
  const files = byUrl(loads, quarantine);
  if (files.length === 0) throw await unknownFile(request);
  const shown = files.slice(0, limit);
  if (json) return terminal.result(printableJson({ schema, files: shown }));
  terminal.result(
    shown
      .flatMap((found) => [...fileLines(found, terminal), ''])
      .slice(0, -1)
      .join('\n'),
  );
  if (files.length > shown.length) {
    terminal.say(
      `${files.length - shown.length} more files end so; write more of the path, or --limit ${files.length}.`,
    );
  }
}

function byUrl(loads: readonly LoadedFile[], quarantine: readonly QuarantinedFile[]): readonly FileHistory[] {
  const urls = new Set([...loads, ...quarantine].map(({ url }) => url));
  return [...urls].sort().map((url) => ({
    url,
    loads: loads.filter((load) => load.url === url),
    quarantine: quarantine.filter((entry) => entry.url === url),
  }));
}

function fileLines({ url, loads, quarantine }: FileHistory, terminal: HistoryRequest['terminal']): string[] {
  const rows = loads.map((load) => [
    utc(load.committedAt),
    load.table,
    load.rows === null ? '' : formatCount(load.rows),
    load.rejectedRows === 0 ? '' : formatCount(load.rejectedRows),
    formatBytes(load.sizeBytes),
    load.etag ?? '',
    load.loadNumber === null ? '' : String(load.loadNumber),
    load.inTable === null ? 'unknown' : load.inTable ? 'yes' : 'no',
    load.workflowId,
  ]);
  const table =
    rows.length === 0
      ? ['It has never been loaded.']
      : drawColumns({ columns: COLUMNS, rows, terminal, width: outputWidth() });
  return [printableLine(url), ...table, ...quarantine.map(quarantineLine)];
}

function quarantineLine({ table, open, total, wholeFile }: QuarantinedFile): string {
  const what = wholeFile ? 'the whole file' : `${formatCount(total)} of its rows`;
  if (open === 0) return printableLine(`Was in quarantine for ${table} (${what}); that is settled.`);
  return printableLine(
    `In quarantine for ${table}: ${wholeFile ? 'the whole file' : formatCount(open)}${wholeFile ? '' : open === 1 ? ' row' : ' rows'}. See: npx starshift quarantine list --table ${table}`,
  );
}

async function unknownFile(request: HistoryRequest & { readonly file: string }): Promise<CliError> {
  const { session, schema, file } = request;
  const urls = await readLatestFiles(session, schema);
  if (urls.length === 0) return new CliError(`No file was loaded into schema ${schema} yet.`);
  const names = new Map(urls.map((url) => [lastPart(url), url]));
  const near = closestNames(lastPart(file), [...names.keys()]).map((name) => names.get(name) ?? name);
  const there = near.length > 0 ? `Closest: ${near.join(', ')}` : `One that was loaded: ${urls[0]}`;
  return new CliError(
    printableLine(
      `The ledger knows no file ${file} in schema ${schema}; give its URL, its key or the end of its path. ${there}`,
    ),
  );
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
