import { readFileSync } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { copyStatement } from '../src/adapters/redshift/stage/copy-statement.js';
import { commonCompression, writeManifest } from '../src/adapters/s3/copy-manifest.js';
import { joinS3Url, workspaceUrl } from '../src/adapters/s3/s3-url.js';
import { listSourceFiles } from '../src/adapters/s3/source-files.js';
import type { Warehouse } from '../src/adapters/warehouse/warehouse.js';
import type { StagePlan } from '../src/domain/plan.js';
import { type BenchStack, PASSWORD } from './bench-stack.js';

const SCHEMA = 'public';

/**
 * The SQL that a loadWarehouse run sends, in order, without its ledger: what a person would paste into a client. The manifests are
 * written here, so that neither side's time holds the other's preparation.
 */
export async function directStatements(request: {
  readonly bench: BenchStack;
  readonly warehouse: Warehouse;
  readonly sourceUrl: string;
}): Promise<readonly string[]> {
  const { bench, warehouse, sourceUrl } = request;
  const { iamRole } = await bench.endpoint();
  const plan = warehouse.plan({ schema: SCHEMA, source: { url: sourceUrl } });
  const statements: string[] = [];
  for (const step of plan.load) {
    if (step.kind === 'stage') {
      const copy = await stageStatement({ bench, warehouse, sourceUrl, step, iamRole });
      statements.push(`truncate ${SCHEMA}.${step.table}`, copy);
    } else {
      const replace = [`delete from ${SCHEMA}.${step.table}`, warehouse.loadStatement(step.id)];
      statements.push('begin', ...replace, 'commit');
    }
  }
  const counts = warehouse.tables.map(({ name }) => `select '${name}', count(*) from ${SCHEMA}.${name}`);
  return [...statements, counts.join(' union all ')];
}

/** Sends the statements one after another; milliseconds from connecting to the end of the last. */
export async function runDirect(bench: BenchStack, statements: readonly string[]): Promise<number> {
  const { host, port } = await bench.endpoint();
  const ssl = { ca: readFileSync(bench.stack.redshift.caPath, 'utf8') };
  const client = new pg.Client({ host, port, user: 'admin', password: PASSWORD, database: 'dev', ssl });
  const startedAt = performance.now();
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
    return performance.now() - startedAt;
  } finally {
    await client.end();
  }
}

async function stageStatement(request: {
  readonly bench: BenchStack;
  readonly warehouse: Warehouse;
  readonly sourceUrl: string;
  readonly step: StagePlan;
  readonly iamRole: string;
}): Promise<string> {
  const { bench, warehouse, sourceUrl, step, iamRole } = request;
  const { endpoint, region, accessKeyId, secretAccessKey } = bench.stack.s3;
  const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const spec = warehouse.copySpec(step.source);
  const workspace = workspaceUrl({ url: sourceUrl });
  const url = joinS3Url(sourceUrl, spec.prefix);
  const files = await listSourceFiles({ s3, url, workspace });
  const compression = spec.compression === 'auto' ? commonCompression(files, url) : spec.compression;
  const run = { workflowId: 'bench-direct', runId: 'bench', step: step.id };
  const { manifestUrl } = await writeManifest({ s3, workspace, ...run, pinned: { compression, files } });
  const columns = warehouse.tables.find(({ name }) => name === step.table)?.columns ?? [];
  return copyStatement({
    ...{
      columns,
      schema: SCHEMA,
      table: step.table,
      manifestUrl,
      iamRole,
      format: spec.format,
      compression,
      maxErrors: 0,
    },
    jsonpaths: spec.jsonpaths.startsWith('auto') ? spec.jsonpaths : joinS3Url(sourceUrl, spec.jsonpaths),
    options: spec.options,
    region,
  });
}
