import type { ListingDifference } from '../../domain/facts.js';
import type { OnChanged } from '../../domain/input.js';
import { count } from '../../domain/step-titles.js';
import { TerminalError } from '../errors.js';
import type { KnownFile, KnownFiles } from '../redshift/ledger/known-files.js';
import { notListedError, sourceError } from './s3-failure.js';
import { type ChosenFiles, fileUrl, type SourceFile, withoutUrls } from './source-files.js';

/** A listing to be held against the ledger. */
export interface ListingRequest extends ChosenFiles {
  readonly known: KnownFiles;
  readonly table: string;
  /** `s3://` prefix that was listed. */
  readonly url: string;
  readonly onChanged: OnChanged;
  /** Keys or `s3://` URLs to load whatever the ledger says. */
  readonly reload: readonly string[];
}

/** What an incremental load has to do. */
export interface Difference extends ChosenFiles {
  readonly difference: ListingDifference;
}

interface Changed {
  readonly file: SourceFile;
  readonly before: KnownFile;
}

const MAX_SHOWN = 20;

/**
 * Sorts a listing by what the ledger knows: new files and those to be loaded anew stay, known ones and those in quarantine go. A load is
 * the unit of replacement, for COPY cannot tell which file a row is from: with a file that is loaded anew come all others that its
 * load had brought.
 *
 * @throws TerminalError fileChanged; notListed when a file is asked for that is not there, `source` when one is needed
 */
export function findDifference(request: ListingRequest): Difference {
  const { files, known, url, reload, onChanged } = request;
  const asked = new Set(reload.map((name) => fileUrl(name, url)));
  requireListed(request, asked);
  const fresh: SourceFile[] = [];
  const anew: Changed[] = [];
  const refused: Changed[] = [];
  for (const file of files) {
    const before = known.files.get(file.url);
    if (!asked.has(file.url) && (isLoaded(known, file) || isQuarantined(known, file))) continue;
    if (before === undefined) fresh.push(file);
    else (asked.has(file.url) || onChanged === 'reload' ? anew : refused).push({ file, before });
  }
  if (refused.length > 0) throw changedFiles(request, refused);
  const replaces = [...new Set(anew.map(({ before }) => before.load))].sort((one, other) => one - other);
  const reloaded = filesOfLoads(request, replaces);
  const chosen = new Set([...fresh.map((file) => file.url), ...reloaded]);
  const rest = files.filter((file) => !chosen.has(file.url));
  const quarantined = rest.filter((file) => isQuarantined(known, file)).length;
  return {
    files: files.filter((file) => chosen.has(file.url)),
    leftOut: request.leftOut.filter((file) => !isLoaded(known, file) && !isQuarantined(known, file)),
    difference: {
      ...{ asOf: known.asOf, known: rest.length - quarantined, reloaded: reloaded.length, quarantined, replaces },
    },
  };
}

/** Files that were chosen as of a load that is not the last one any more. */
export interface OutdatedChoice<LeftOut extends Version> {
  readonly table: string;
  readonly files: readonly SourceFile[];
  readonly leftOut: readonly LeftOut[];
  readonly asOf: number;
  readonly replaces: readonly number[];
}

type Version = Pick<SourceFile, 'url' | 'etag'>;

/**
 * What of the chosen files is still to be loaded after others have loaded some of them: the rest of the files and of what is left
 * out, and the loads to replace that still stand.
 *
 * @throws TerminalError listingOutdated when another version of a chosen file was loaded since
 */
export function stillToLoad<LeftOut extends Version>(
  choice: OutdatedChoice<LeftOut>,
  known: KnownFiles,
): Pick<OutdatedChoice<LeftOut>, 'files' | 'leftOut' | 'replaces'> {
  const files = choice.files.filter((file) => {
    const found = known.files.get(file.url);
    const loadedSince = found !== undefined && found.load > choice.asOf;
    if (loadedSince && !isLoaded(known, file)) throw loadedAnew(choice.table, found, file);
    return !loadedSince;
  });
  const standing = new Set([...known.files.values()].map(({ load }) => load));
  return {
    files,
    leftOut: choice.leftOut.filter((file) => !isLoaded(known, file) && !isQuarantined(known, file)),
    replaces: choice.replaces.filter((load) => standing.has(load)),
  };
}

/** Whether the table holds the rows of this very version of the file. */
function isLoaded({ files }: KnownFiles, { url, etag }: Version): boolean {
  const known = files.get(url);
  return known !== undefined && known.etag === etag;
}

/** Whether this very version of the file lies in quarantine. */
function isQuarantined({ quarantined }: KnownFiles, { url, etag }: Version): boolean {
  return quarantined.has(url) && quarantined.get(url) === etag;
}

function requireListed({ files, leftOut, url }: ListingRequest, asked: ReadonlySet<string>): void {
  const both = leftOut.filter((file) => asked.has(file.url)).map((file) => file.url);
  if (both.length > 0) {
    throw sourceError(
      url,
      `To be left out and to be loaded anew at once: ${shown(both)}. Name it in one of the two lists.`,
    );
  }
  const missing = withoutUrls(asked, files);
  if (missing.length === 0) return;
  throw notListedError(url, { missing, wish: 'loaded anew' });
}

/** URLs of the files that those loads have brought; all of them must be there, or their rows would be lost. */
function filesOfLoads(
  { files, leftOut, known, url, table }: ListingRequest,
  loads: readonly number[],
): readonly string[] {
  if (loads.length === 0) return [];
  const needed = [...known.files.values()].filter(({ load }) => loads.includes(load)).map((file) => file.url);
  const missing = withoutUrls(needed, files);
  if (missing.length === 0) return needed;
  const left = new Set(leftOut.map((file) => file.url));
  const how = missing.every((name) => left.has(name)) ? 'are left out' : `are not under ${url} any more`;
  throw sourceError(
    url,
    `A load of ${table} is replaced as a whole, and of the files loaded together with those to be loaded anew these ${how}: ` +
      `${shown(missing)}. Put them back, leave the changed files out, or load once with "mode": "full".`,
  );
}

/** The rule is fail: a person decides about each of them. What can be answered stands in domain/answers.ts. */
function changedFiles(request: ListingRequest, changed: readonly Changed[]): TerminalError {
  const { table, url } = request;
  const [have, were] = changed.length === 1 ? ['has', 'it was'] : ['have', 'they were'];
  const named = byLoad(changed).flat().slice(0, MAX_SHOWN);
  const more = changed.length - named.length;
  return new TerminalError({
    kind: 'fileChanged',
    message: [
      `${count(changed.length, 'file')} under ${url} ${have} changed since ${were} loaded into ${table}:`,
      ...byLoad(named).flatMap(loadLines),
      ...(more === 0 ? [] : [`and ${more} more`]),
      ...comeAlong(request, changed),
    ].join('\n'),
    resource: named[0]?.file.url ?? url,
    details: [
      ...named.map(({ file, before }) => ({
        ...{ file: file.url, etag: file.etag, loadedEtag: before.etag, loadedAt: before.loadedAt },
        ...{ workflowId: before.workflowId, runId: before.runId },
      })),
      { fileCount: changed.length },
    ],
  });
}

/** In the order of the listing. */
function byLoad(changed: readonly Changed[]): readonly (readonly Changed[])[] {
  const loads = new Map<number, Changed[]>();
  for (const one of changed) loads.set(one.before.load, [...(loads.get(one.before.load) ?? []), one]);
  return [...loads.values()];
}

function loadLines(changed: readonly Changed[]): string[] {
  const [first] = changed;
  if (first === undefined) return [];
  const files = changed.map(({ file, before }) => `  ${file.url}: ETag ${before.etag} then, ${file.etag} now`);
  return [`by ${describeLoad(first.before)}:`, ...files];
}

/** A load is replaced as a whole. */
function comeAlong({ known }: ListingRequest, changed: readonly Changed[]): readonly string[] {
  const loads = new Set(changed.map(({ before }) => before.load));
  const files = [...known.files.values()].filter(({ load }) => loads.has(load)).length;
  const others = files - changed.length;
  if (others === 0) return [];
  const [their, them] = changed.length === 1 ? ['its', 'it'] : ['their', 'them'];
  const [load, are] = [loads.size === 1 ? 'load' : 'loads', others === 1 ? 'is' : 'are'];
  return [
    `Whoever replaces ${their} rows: ${count(others, 'other file')} of ${their} ${load} ${are} loaded anew with ${them}.`,
  ];
}

function loadedAnew(table: string, since: KnownFile, file: Version): TerminalError {
  return new TerminalError({
    kind: 'listingOutdated',
    message:
      `${file.url} was listed for ${table} with ETag ${file.etag}, and since then loaded with ETag ${since.etag} by ` +
      `${describeLoad(since)}. The next try lists the source anew.`,
    resource: file.url,
    details: [{ file: file.url, etag: file.etag, loadedEtag: since.etag }],
  });
}

function describeLoad({ load, runId, workflowId, loadedAt }: KnownFile): string {
  return `run ${runId} of workflow ${workflowId} at ${loadedAt.replace(/\.\d+$/, '')} UTC (load ${load})`;
}

function shown(urls: readonly string[]): string {
  const more = urls.length > MAX_SHOWN ? ` and ${urls.length - MAX_SHOWN} more` : '';
  return `${urls.slice(0, MAX_SHOWN).join(', ')}${more}`;
}
