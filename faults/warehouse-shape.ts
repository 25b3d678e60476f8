import { join } from 'node:path';
import { openWarehouseFolders } from '../src/adapters/warehouse/warehouse-folder.js';
import { PROJECT_ROOT } from '../src/config.js';
import { BUCKET } from './source-bucket.js';
import type { ComparedTable } from './verify/table-contents.js';

export const WAREHOUSE = 'sparkify';

/** What the harness has to know of the warehouse that it loads. */
export interface WarehouseShape {
  readonly tables: readonly ComparedTable[];
  /** Folder of the source, by the staging table that is loaded from it. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly stageSteps: readonly string[];
  readonly transformSteps: readonly string[];
}

export async function readWarehouseShape(): Promise<WarehouseShape> {
  const warehouse = await openWarehouseFolders(join(PROJECT_ROOT, 'sql')).load(WAREHOUSE);
  const source = { url: `s3://${BUCKET}/` };
  const { load } = warehouse.plan({ schema: 'public', source });
  const definitions = new Map(
    warehouse.createStatements(warehouse.defaultDesign).map(({ table, sql }) => [table, sql] as const),
  );
  const tables = warehouse.tables.map(({ name, role, columns }) => {
    const isIdentity = (column: string) =>
      new RegExp(`^\\s*${column}\\s[^,\\n]*\\bidentity\\b`, 'im').test(definitions.get(name) ?? '');
    return { name, role, columns: columns.filter((column) => !isIdentity(column)) };
  });
  const stages = load.flatMap((step) => (step.kind === 'stage' ? [step] : []));
  return {
    tables,
    prefixes: Object.fromEntries(stages.map(({ table, url }) => [table, url.slice(source.url.length)])),
    stageSteps: stages.map(({ id }) => id),
    transformSteps: load.filter(({ kind }) => kind === 'transform').map(({ id }) => id),
  };
}
