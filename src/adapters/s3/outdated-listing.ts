import { count } from '../../domain/step-titles.js';
import { TerminalError } from '../errors.js';
import type { SourceFile } from './source-files.js';

/** Files as they were listed and loaded, and as the source has them afterwards. */
export interface LoadedListing {
  /** Name for errors. */
  readonly table: string;
  readonly loaded: readonly SourceFile[];
  readonly now: readonly SourceFile[];
}

const MAX_SHOWN = 20;

/**
 * Makes sure, after a COPY and before its COMMIT, that each file still is what was listed. A COPY manifest pins keys and no versions, so only
 * that tells whose rows were loaded.
 *
 * @throws TerminalError listingOutdated
 */
export function requireUnchanged({ table, loaded, now }: LoadedListing): void {
  const found = new Map(now.map((file) => [file.url, file]));
  const changed = loaded.filter((file) => !isSame(file, found.get(file.url)));
  const [first] = changed;
  if (first === undefined) return;
  const shown = changed.slice(0, MAX_SHOWN);
  const [was, them] = changed.length === 1 ? ['it was', 'it'] : ['they were', 'them'];
  throw new TerminalError({
    kind: 'listingOutdated',
    message: [
      `${count(changed.length, 'file')} changed while ${was} loaded into ${table}; nothing was loaded:`,
      ...shown.map((file) => describeChange(file, found.get(file.url))),
      ...(changed.length > shown.length ? [`and ${changed.length - shown.length} more`] : []),
      `Wait until whoever writes ${them} is done: the next try lists the source anew.`,
    ].join('\n'),
    resource: first.url,
    details: shown.map((file) => ({ file: file.url, etag: file.etag, etagNow: found.get(file.url)?.etag })),
  });
}

/** The error of a listing that was held against rows that are all gone since. */
export function tableRebuilt({
  table,
  resource,
}: {
  readonly table: string;
  readonly resource: string;
}): TerminalError {
  return new TerminalError({
    kind: 'listingOutdated',
    message:
      `${table} was loaded in full or created anew by another run since its source was listed; nothing was loaded. ` +
      'Wait until that run is done: the next try lists the source anew.',
    resource,
  });
}

function isSame(file: SourceFile, now: SourceFile | undefined): boolean {
  return now !== undefined && now.etag === file.etag && now.sizeBytes === file.sizeBytes;
}

function describeChange(file: SourceFile, now: SourceFile | undefined): string {
  return `${file.url}: listed with ${version(file)}, ${now === undefined ? 'it is gone now' : `it has ${version(now)} now`}`;
}

function version({ etag, sizeBytes }: SourceFile): string {
  return `ETag ${etag} and ${count(sizeBytes, 'byte')}`;
}
