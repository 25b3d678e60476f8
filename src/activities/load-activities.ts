import { log } from '@temporalio/activity';
import type { Adapters } from '../adapters/adapters.js';
import { resolveTarget } from '../adapters/aws/resolve-target.js';
import { endAbandonedSessions } from '../adapters/redshift/abandoned-sessions.js';
import { countRows } from '../adapters/redshift/count-rows.js';
import { createTables } from '../adapters/redshift/create-tables.js';
import { queryLabel } from '../adapters/redshift/query-label.js';
import { runCheck } from '../adapters/redshift/run-check.js';
import { type Session, withSession } from '../adapters/redshift/session.js';
import { stageTable } from '../adapters/redshift/stage-table.js';
import { transformTable } from '../adapters/redshift/transform-table.js';
import { commonCompression, readPinnedFiles, writeManifest } from '../adapters/s3/copy-manifest.js';
import { joinS3Url, workspaceUrl } from '../adapters/s3/s3-url.js';
import { listSourceFiles, requireObject } from '../adapters/s3/source-files.js';
import type { CopySpec } from '../adapters/warehouse/warehouse.js';
import type { CopyFacts, SourceListing } from '../domain/facts.js';
import type { CopyBatchRequest, ListSourceRequest, LoadActivities, WarehouseScope } from './activities.js';
import { type Attempt, runAttempt } from './attempt.js';

/** Activities that work in the warehouse and its source. */
export function createLoadActivities(adapters: Adapters): LoadActivities {
  return {
    createTables: (request) =>
      inSession(adapters, { scope: request, step: 'createTables' }, async (session) => {
        const { schema, design, recreate } = request;
        const warehouse = await adapters.warehouses.load(request.warehouse);
        return createTables(session, { schema, design, recreate, statements: warehouse.createStatements(design) });
      }),

    listSource: (request) => runAttempt((attempt) => listSource(adapters, { request, attempt })),

    copyBatch: (request) =>
      inSession(adapters, { scope: request, step: request.step }, (session, attempt) =>
        copyBatch(adapters, { request, attempt, session }),
      ),

    transformTable: (request) =>
      inSession(adapters, { scope: request, step: request.step }, async (session, { workflowId, runId }) => {
        const { schema, table, step, reads = [] } = request;
        const warehouse = await adapters.warehouses.load(request.warehouse);
        const key = { workflowId, runId, step, schema, table };
        return transformTable(session, { key, sql: warehouse.loadStatement(step), reads });
      }),

    runCheck: (request) =>
      inSession(adapters, { scope: request, step: `check ${request.check}`, readsOnly: true }, async (session) => {
        const warehouse = await adapters.warehouses.load(request.warehouse);
        return runCheck(session, warehouse.check(request.check));
      }),

    countRows: (scope) =>
      inSession(adapters, { scope, step: 'countRows', readsOnly: true }, async (session) => {
        const warehouse = await adapters.warehouses.load(scope.warehouse);
        return countRows(session, { schema: scope.schema, tables: warehouse.tables.map(({ name }) => name) });
      }),
  };
}

/** Where an attempt works. */
export interface SessionPlace {
  readonly scope: WarehouseScope;
  readonly step: string;
  /** Nothing is written: a first attempt then need not look for what an earlier one has left. @default false */
  readonly readsOnly?: boolean;
}

/** One attempt in one session, labelled with the workflow and the step, after what dead attempts have left under this label is gone. */
export function inSession<Result>(
  adapters: Adapters,
  { scope, step, readsOnly = false }: SessionPlace,
  work: (session: Session, attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  return runAttempt(async (attempt) => {
    const { workflowId, namespace, signal } = attempt;
    const { password, secretPrefixes } = adapters;
    const settings = await resolveTarget(adapters.aws, { target: scope.target, password, secretPrefixes, signal });
    const label = queryLabel({ namespace, workflowId, step });
    const request = { settings, schema: scope.schema, label, signal, defaults: adapters.sessions };
    return withSession(request, async (session) => {
      if (!readsOnly || attempt.number > 1) {
        const ended = await endAbandonedSessions(session, { label, signal });
        if (ended.length > 0) log.warn('Ended sessions that earlier attempts of the step had left', { ended, label });
      }
      return work(session, attempt);
    });
  });
}

async function listSource(
  { aws: { s3 }, warehouses }: Adapters,
  { request, attempt }: { readonly request: ListSourceRequest; readonly attempt: Attempt },
): Promise<SourceListing> {
  const { source, step, exclude } = request;
  const { workflowId, runId, signal } = attempt;
  const spec = (await warehouses.load(request.warehouse)).copySpec(request.sourceName);
  const url = joinS3Url(source.url, spec.prefix);
  const workspace = workspaceUrl(source);
  const jsonpaths = jsonpathsOf(spec, source.url);
  const onPage = (files: number): void => attempt.report({ files });
  const files = await listSourceFiles({ s3, url, exclude, workspace, signal, onPage });
  // After the listing: S3 answers HEAD with the same 404 for a missing bucket as for a missing key.
  if (jsonpaths.startsWith('s3://')) await requireObject({ s3, url: jsonpaths, what: 'JSONPaths file', signal });
  const compression = spec.compression === 'auto' ? commonCompression(files, url) : spec.compression;
  return writeManifest({ s3, workspace, workflowId, runId, step, pinned: { compression, files }, signal });
}

async function copyBatch(
  { aws: { s3 }, warehouses }: Adapters,
  work: { readonly request: CopyBatchRequest; readonly attempt: Attempt; readonly session: Session },
): Promise<CopyFacts> {
  const { request, session } = work;
  const { source, schema, table, step, maxErrors } = request;
  const { workflowId, runId, signal } = work.attempt;
  const { manifestUrl } = request.listing;
  const spec = (await warehouses.load(request.warehouse)).copySpec(request.sourceName);
  const { compression, files } = await readPinnedFiles({ s3, manifestUrl, signal });
  return stageTable(session, {
    key: { workflowId, runId, step, schema, table },
    files,
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
  });
}

/** What FORMAT AS JSON is told: a word of COPY's own, or the URL of the JSONPaths file. */
function jsonpathsOf({ jsonpaths }: CopySpec, sourceUrl: string): string {
  return jsonpaths === 'auto' || jsonpaths === 'auto ignorecase' ? jsonpaths : joinS3Url(sourceUrl, jsonpaths);
}
