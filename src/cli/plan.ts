import { Command } from 'commander';
import { copyStatement } from '../adapters/redshift/stage/copy-statement.js';
import { joinS3Url, workspaceUrl } from '../adapters/s3/s3-url.js';
import { describePlan } from '../adapters/warehouse/describe-plan.js';
import { InvalidWarehouseError } from '../adapters/warehouse/invalid-warehouse-error.js';
import type { CopySpec, Warehouse } from '../adapters/warehouse/warehouse.js';
import { openWarehouseFolders } from '../adapters/warehouse/warehouse-folder.js';
import { readConfig } from '../config.js';
import type { StagePlan } from '../domain/plan.js';
import { usageError } from './cli-error.js';

interface PlanOptions {
  readonly design?: string;
  readonly schema: string;
  readonly source: string;
  readonly iamRole: string;
  readonly json?: boolean;
}

const EXAMPLE_SOURCE = 's3://my-bucket/music/';

/** `starshift plan`: what a run would do. */
export function planCommand(): Command {
  return new Command('plan')
    .summary('print what a run would do')
    .description('Prints the steps of a warehouse and the exact SQL of each. Runs nothing and needs no server.')
    .argument('<warehouse>', 'name of a folder below sql/, or below STARSHIFT_WAREHOUSES')
    .option('--design <name>', 'how the tables are distributed and sorted (default: the one the warehouse names)')
    .option('--schema <name>', 'database schema', 'public')
    .option('--source <url>', 'where the data is', EXAMPLE_SOURCE)
    .option('--iam-role <role>', 'role that COPY assumes', 'default')
    .option('--json', 'print the plan as one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  starshift plan sparkify
  starshift plan sparkify --design by-user --source s3://music/ > plan.sql
  starshift plan sparkify --json`,
    )
    .action(async (name: string, options: PlanOptions) => {
      if (!/^s3:\/\/[^/]+/.test(options.source)) {
        throw usageError(`--source ${options.source} is not an S3 URL, for example --source ${EXAMPLE_SOURCE}.`);
      }
      const warehouse = await loadWarehouseFolder(readConfig().warehousesDir, name);
      const print = options.json ? planDocument : planText;
      process.stdout.write(await orUsageError(async () => print(warehouse, options)));
    });
}

/** @throws CliError (exit 2) with everything that is wrong in the folder */
export async function loadWarehouseFolder(root: string, name: string): Promise<Warehouse> {
  return orUsageError(() => openWarehouseFolders(root).load(name));
}

/** @throws CliError (exit 2) naming the designs there are */
export async function requireDesign(warehouse: Warehouse, design: string | undefined): Promise<void> {
  await orUsageError(async () => warehouse.createStatements(design ?? warehouse.defaultDesign));
}

function planText(warehouse: Warehouse, options: PlanOptions): string {
  return describePlan(warehouse, {
    ...planRequest(options),
    copyStatement: (step, spec) => planCopy({ step, spec, options }),
  });
}

function planDocument(warehouse: Warehouse, options: PlanOptions): string {
  return `${JSON.stringify(warehouse.plan(planRequest(options)), null, 2)}\n`;
}

function planRequest({ schema, source, design }: PlanOptions) {
  return { schema, source: { url: source }, ...(design === undefined ? {} : { design }) };
}

/** The manifest is written when a run lists its files, so its name here stands for the one to come. */
function planCopy(request: {
  readonly step: StagePlan;
  readonly spec: CopySpec;
  readonly options: PlanOptions;
}): string {
  const { step, spec, options } = request;
  return copyStatement({
    schema: options.schema,
    table: step.table,
    manifestUrl: joinS3Url(
      workspaceUrl({ url: options.source }),
      `manifests/WORKFLOW_ID/RUN_ID/${step.id}-HASH.manifest`,
    ),
    iamRole: options.iamRole,
    format: spec.format,
    jsonpaths: spec.jsonpaths.startsWith('auto') ? spec.jsonpaths : joinS3Url(options.source, spec.jsonpaths),
    compression: spec.compression === 'auto' ? 'none' : spec.compression,
    options: spec.options,
    maxErrors: 0,
  });
}

async function orUsageError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidWarehouseError) throw usageError(error.message);
    throw error;
  }
}
