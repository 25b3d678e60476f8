import { RedshiftError } from '../redshift-error.js';
import { copyError, type StatementContext } from './copy-error.js';
import type { S3Access, S3Object } from './s3-access.js';
import { parseS3Location, type S3Location, s3Url } from './s3-location.js';

/** Where a manifest is read from. */
export interface ManifestRequest {
  readonly location: S3Location;
  readonly access: S3Access;
  readonly statement: StatementContext;
}

interface ManifestEntry {
  readonly url: string;
  readonly mandatory: boolean;
  readonly sizeBytes: number | undefined;
}

/** Entries looked up at once. */
const LOOKUPS = 8;

/**
 * The objects a manifest names, in its order. Mandatory ones must exist; others are left out when they do not
 * (DG "Using a manifest to specify data files"). Throws RedshiftError for a manifest that is missing or malformed.
 */
export async function readManifest(request: ManifestRequest): Promise<S3Object[]> {
  const entries = parseManifest(await manifestText(request), request);
  const objects: (S3Object | undefined)[] = new Array(entries.length);
  let next = 0;
  const lookUp = async (): Promise<void> => {
    for (let index = next++; index < entries.length; index = next++) {
      objects[index] = await resolveEntry(entries[index] as ManifestEntry, request);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS }, lookUp));
  return objects.filter((object) => object !== undefined);
}

async function manifestText({ location, access, statement }: ManifestRequest): Promise<string> {
  try {
    return await access.text(location);
  } catch (error) {
    if (!(error instanceof RedshiftError) || error.sqlState !== 'XX000') throw error;
    throw copyError(statement, {
      message: `Problem reading manifest file - ${error.message}`,
      context: s3Url(location),
      cause: error,
    });
  }
}

function parseManifest(text: string, request: ManifestRequest): ManifestEntry[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw malformed(request, 'Manifest file is not in correct json format', error);
  }
  const entries = (document as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(entries)) throw malformed(request, "Manifest file has no array named 'entries'");
  return entries.map((entry) => parseEntry(entry, request));
}

function parseEntry(entry: unknown, request: ManifestRequest): ManifestEntry {
  const { url, mandatory = false, meta } = (entry ?? {}) as Record<string, unknown>;
  if (typeof url !== 'string') throw malformed(request, "Manifest entry has no 'url'");
  if (typeof mandatory !== 'boolean')
    throw malformed(request, `Manifest entry ${url}: 'mandatory' is not true or false`);
  const length = (meta as { content_length?: unknown } | undefined)?.content_length;
  return { url, mandatory, sizeBytes: typeof length === 'number' ? length : undefined };
}

function malformed({ statement, location }: ManifestRequest, message: string, cause?: unknown): RedshiftError {
  return copyError(statement, { message, context: `Manifest file location=${s3Url(location)}`, cause });
}

async function resolveEntry(entry: ManifestEntry, request: ManifestRequest): Promise<S3Object | undefined> {
  const { access, statement, location } = request;
  const target = parseS3Location(entry.url);
  if (target === undefined || target.key === '') {
    throw malformed(request, `COPY with MANIFEST parameter requires full path of an S3 object.`);
  }
  const size = await access.size(target);
  if (size === undefined && entry.mandatory) {
    const context = `Manifest file location=${s3Url(location)} url=${entry.url}`;
    throw copyError(statement, { message: 'Mandatory url is not present in manifest file.', context });
  }
  return size === undefined ? undefined : { ...target, sizeBytes: size };
}
