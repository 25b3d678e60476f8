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

/**
 * The objects a manifest names, in its order (DG "Using a manifest to specify data files"). Whether they are there shows when they
 * are read. Throws RedshiftError for a manifest that is missing or malformed.
 */
export async function readManifest(request: ManifestRequest): Promise<S3Object[]> {
  let document: unknown;
  try {
    document = JSON.parse(await manifestText(request));
  } catch (error) {
    if (error instanceof RedshiftError) throw error;
    throw malformed(request, 'Manifest file is not in correct json format', error);
  }
  const entries = (document as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(entries)) throw malformed(request, "Manifest file has no array named 'entries'");
  return entries.map((entry) => parseEntry(entry, request));
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

function parseEntry(entry: unknown, request: ManifestRequest): S3Object {
  const { url, mandatory = false, meta } = (entry ?? {}) as Record<string, unknown>;
  if (typeof url !== 'string') throw malformed(request, "Manifest entry has no 'url'");
  if (typeof mandatory !== 'boolean')
    throw malformed(request, `Manifest entry ${url}: 'mandatory' is not true or false`);
  const target = parseS3Location(url);
  if (target === undefined || target.key === '') {
    throw malformed(request, 'COPY with MANIFEST parameter requires full path of an S3 object.');
  }
  const length = (meta as { content_length?: unknown } | undefined)?.content_length;
  return {
    ...target,
    sizeBytes: typeof length === 'number' ? length : undefined,
    manifestEntry: { manifestUrl: s3Url(request.location), mandatory },
  };
}

function malformed({ statement, location }: ManifestRequest, message: string, cause?: unknown): RedshiftError {
  return copyError(statement, { message, context: `Manifest file location=${s3Url(location)}`, cause });
}
