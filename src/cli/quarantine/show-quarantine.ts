import {
  type QuarantinedFile,
  type QuarantineEntry,
  readQuarantine,
} from '../../adapters/redshift/ledger/quarantine.js';
import type { Session } from '../../adapters/redshift/session/session.js';
import { printableLine } from '../../domain/printable.js';
import { outputWidth, shorten } from '../columns.js';
import { formatCount } from '../format.js';
import { utc } from '../history/step-columns.js';
import { printableJson } from '../printable-json.js';
import type { Terminal } from '../terminal.js';

/** Which entries to show, and where. */
export interface QuarantineRequest {
  readonly session: Session;
  readonly schema: string;
  readonly table: string | undefined;
  /** Settled entries too. */
  readonly all: boolean;
  /** Entries of each file. */
  readonly limit: number;
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** Where nobody said how wide the output is, a line stays readable. */
const RAW_TEXT_WIDTH = 160;
const VALUE_WIDTH = 80;

/** What lies in quarantine, by file. */
export async function showQuarantine(request: QuarantineRequest): Promise<void> {
  const { session, schema, table, all, limit, json, terminal } = request;
  const files = await readQuarantine(session, { schema, table, closed: all, entriesPerFile: limit });
  const open = files.reduce((sum, file) => sum + file.open, 0);
  if (json) return terminal.result(printableJson({ schema, open, files }));
  if (files.length === 0) return terminal.say(nothing(request));
  terminal.result([...files.flatMap((file) => fileLines(file, terminal)), total(files)].join('\n'));
  if (open > 0) for (const line of advice(files)) terminal.say(line);
}

function nothing({ schema, table }: QuarantineRequest): string {
  const where = table === undefined ? `schema ${schema}` : `${schema}.${table}`;
  return printableLine(
    `Nothing of ${where} lies in quarantine: no row was rejected and no file left out that was not loaded since.`,
  );
}

function fileLines(file: QuarantinedFile, terminal: Terminal): string[] {
  const { url, table, entries, total } = file;
  const hidden = total - entries.length;
  const isLive = outputWidth() !== undefined;
  const heading = printableLine(`${url} -> ${table}: ${amount(file)}`);
  return [
    isLive ? terminal.colors.bold(heading) : heading,
    ...entries.flatMap(entryLines),
    ...(hidden > 0 ? [`  ... and ${formatCount(hidden)} more (--limit ${total})`] : []),
    '',
  ];
}

function amount({ wholeFile, open, total }: QuarantinedFile): string {
  const settled = total - open;
  const parts = [
    ...(open === 0 ? [] : [wholeFile ? 'left out' : `${formatCount(open)} ${open === 1 ? 'row' : 'rows'} rejected`]),
    ...(settled === 0 ? [] : [`${formatCount(settled)} settled`]),
  ];
  return parts.join(', ');
}

function entryLines(entry: QuarantineEntry): string[] {
  const width = outputWidth() ?? RAW_TEXT_WIDTH;
  const by = `  ${utc(entry.quarantinedAt)} UTC by ${entry.workflowId} (load ${entry.loadNumber})${settledBy(entry)}`;
  const raw = entry.rawText ?? '';
  return [
    printableLine(by),
    ...describe(entry).map((line) => `    ${line}`),
    ...(raw === '' ? [] : [shorten(`    ${printableLine(raw.trimEnd())}`, width)]),
  ];
}

/** What was wrong: one line for a row, the lines of the error after which a whole file was left out. */
function describe({ line, column, value, reason }: QuarantineEntry): string[] {
  if (line === null) return ['the whole file:', ...reason.split('\n')].map(printableLine);
  const at = column === null ? `line ${line}` : `line ${line}, column "${column}"`;
  const shown = value === null || value === '' ? '' : ` "${shorten(printableLine(value), VALUE_WIDTH)}":`;
  return [`${printableLine(at)}:${shown} ${printableLine(reason)}`];
}

function settledBy({ closedBy }: QuarantineEntry): string {
  if (closedBy === null) return '';
  const { loadNumber, workflowId, committedAt, took } = closedBy;
  const what = took === 'file' ? 'file loaded' : 'table replaced';
  const when = committedAt === null ? '' : ` at ${utc(committedAt)} UTC`;
  return `; settled: ${what} by ${workflowId ?? 'a run'} (load ${loadNumber})${when}`;
}

function total(files: readonly QuarantinedFile[]): string {
  const open = files.filter((file) => file.open > 0);
  const wholeFiles = open.filter(({ wholeFile }) => wholeFile).length;
  const rows = open.filter(({ wholeFile }) => !wholeFile).reduce((sum, file) => sum + file.open, 0);
  if (open.length === 0) return 'Nothing is open.';
  const parts = [
    ...(wholeFiles === 0 ? [] : [`${formatCount(wholeFiles)} ${wholeFiles === 1 ? 'file' : 'files'} left out`]),
    ...(rows === 0 ? [] : [`${formatCount(rows)} rejected ${rows === 1 ? 'row' : 'rows'}`]),
  ];
  return `Open: ${parts.join(', ')}.`;
}

/** What to do about it. */
function advice(files: readonly QuarantinedFile[]): string[] {
  const open = files.filter((file) => file.open > 0);
  return [
    'Mend the files in S3, then: npx starshift quarantine retry --all',
    ...(open.some(({ wholeFile }) => wholeFile)
      ? [
          'A file that was left out also loads with the next incremental load, once it is mended: it has a new ETag then.',
        ]
      : []),
    ...(open.some(({ wholeFile }) => !wholeFile)
      ? [
          'A mended file of which rows were rejected is a changed file for the next incremental load: "onChanged" decides.',
        ]
      : []),
  ];
}
