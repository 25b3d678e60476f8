import type { Adapters } from '../adapters/adapters.js';
import type { KnownFiles } from '../adapters/redshift/ledger/known-files.js';
import type { LeftOutFile } from '../adapters/redshift/ledger/quarantine-entries.js';
import type { Session } from '../adapters/redshift/session/session.js';
import { type StagedFile, stageTable } from '../adapters/redshift/stage/stage-table.js';
import { commonCompression, readPinnedFiles, writeManifest } from '../adapters/s3/copy-manifest.js';
import { findDifference } from '../adapters/s3/listing-difference.js';
import { sourceError } from '../adapters/s3/s3-failure.js';
import { joinS3Url, workspaceUrl } from '../adapters/s3/s3-url.js';
import {
  type ChosenFiles,
  fileUrl,
  findSourceFiles,
  leaveOut,
  listSourceFiles,
  requireObject,
  type SourceFile,
} from '../adapters/s3/source-files.js';
import type { CopySpec } from '../adapters/warehouse/warehouse.js';
import type { CopyFacts, ListingDifference, SourceListing } from '../domain/facts.js';
import type { CopyBatchRequest, ExcludedFile, ListSourceRequest } from './activities.js';
import type { Attempt } from './attempt.js';

/** A listing and what the ledger knows, when it is asked. */
export interface ListSourceWork {
  readonly request: ListSourceRequest;
  readonly attempt: Attempt;
  /** Of an incremental load: read before the source is listed, so that nothing that is loaded meanwhile is taken for new. */
  readonly known: KnownFiles | undefined;
}

/** Lists a source's prefix and pins what is to be loaded of it in a manifest. */
export async function listSource(
  { aws: { s3 }, warehouses }: Adapters,
  { request, attempt, known }: ListSourceWork,
): Promise<SourceListing> {
  const { source, step } = request;
  const { workflowId, runId, signal } = attempt;
  const spec = (await warehouses.load(request.warehouse)).copySpec(request.sourceName);
  const url = joinS3Url(source.url, spec.prefix);
  const workspace = workspaceUrl(source);
  const jsonpaths = jsonpathsOf(spec, source.url);
  const onPage = (files: number): void => attempt.report({ files });
  const listed = await listSourceFiles({ s3, url, workspace, signal, onPage });
  // After the listing: S3 answers HEAD with the same 404 for a missing bucket as for a missing key.
  if (jsonpaths.startsWith('s3://')) await requireObject({ s3, url: jsonpaths, what: 'JSONPaths file', signal });
  const { files, leftOut, difference } = chooseFiles({ request, known, url, listed });
  const compression = spec.compression === 'auto' ? commonCompression(files, url) : spec.compression;
  const pinned = { compression, files, ...(leftOut.length === 0 ? {} : { leftOut }) };
  const listing = await writeManifest({ s3, workspace, workflowId, runId, step, pinned, signal });
  return difference === undefined ? listing : { ...listing, difference };
}

/** Loads what a listing has pinned. */
export async function copyBatch(
  { aws: { s3 }, warehouses }: Adapters,
  work: { readonly request: CopyBatchRequest; readonly attempt: Attempt; readonly session: Session },
): Promise<CopyFacts> {
  const { request, session } = work;
  const { source, schema, table, step, maxErrors, excluded = [] } = request;
  const { workflowId, runId, signal, claim } = work.attempt;
  const { manifestUrl, difference } = request.listing;
  const spec = (await warehouses.load(request.warehouse)).copySpec(request.sourceName);
  const { compression, files, leftOut = [] } = await readPinnedFiles({ s3, manifestUrl, signal });
  const workspace = workspaceUrl(source);
  const pin = async (fewer: readonly StagedFile[]): Promise<string> => {
    const pinned = { compression, files: fewer };
    return (await writeManifest({ s3, workspace, workflowId, runId, step, pinned, signal })).manifestUrl;
  };
  return stageTable(session, {
    key: { workflowId, runId, step, schema, table, claim },
    files,
    relist: () => findSourceFiles({ s3, url: joinS3Url(source.url, spec.prefix), workspace, signal }),
    leftOut: withReasons(leftOut, { excluded, url: source.url }),
    copy: {
      manifestUrl,
      iamRole: session.settings.iamRole,
      format: spec.format,
      jsonpaths: jsonpathsOf(spec, source.url),
      compression,
      options: spec.options,
      region: source.region,
      maxErrors,
    },
    ...(difference === undefined ? {} : { increment: { ...difference, pin } }),
  });
}

/** In full everything that is not left out; in increments what the ledger does not know. */
function chooseFiles(choice: {
  readonly request: ListSourceRequest;
  readonly known: KnownFiles | undefined;
  readonly url: string;
  readonly listed: readonly SourceFile[];
}): ChosenFiles & { readonly difference?: ListingDifference } {
  const { request, known, url, listed } = choice;
  const { exclude, incremental } = request;
  const chosen = leaveOut(listed, { exclude, url });
  if (incremental !== undefined && known !== undefined) {
    const { table, onChanged, reload } = incremental;
    return findDifference({ ...chosen, known, table, url, onChanged, reload });
  }
  if (chosen.files.length > 0) return chosen;
  throw sourceError(url, `Every file under ${url} is left out. Name fewer files in "exclude".`);
}

function withReasons(
  leftOut: readonly SourceFile[],
  { excluded, url }: { readonly excluded: readonly ExcludedFile[]; readonly url: string },
): readonly LeftOutFile[] {
  const reasons = new Map(excluded.map(({ file, reason }) => [fileUrl(file, url), reason]));
  return leftOut.map((file) => ({ ...file, reason: reasons.get(file.url) || 'Left out by a person.' }));
}

/** What FORMAT AS JSON is told: a word of COPY's own, or the URL of the JSONPaths file. */
function jsonpathsOf({ jsonpaths }: CopySpec, sourceUrl: string): string {
  return jsonpaths === 'auto' || jsonpaths === 'auto ignorecase' ? jsonpaths : joinS3Url(sourceUrl, jsonpaths);
}
