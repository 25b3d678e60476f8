import type { E2eStack } from './e2e-stack.js';

const TABLES = ['staging_events', 'staging_songs', 'songplays', 'users', 'songs', 'artists', 'time'];

/** Of a row: its IDENTITY value and the number of the load that staged it say when it came, not what it is. */
const OF_THE_LOAD = new Set(['songplay_id', 'starshift_load']);

/** Every row of Sparkify's tables, as text in one order: equal for equal warehouses. */
export async function warehouseRows(
  e2e: E2eStack,
  cluster: string,
  schema = 'public',
): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables: Record<string, readonly string[]> = {};
  for (const table of TABLES) {
    const rows = await e2e.sql(cluster, `select * from ${schema}.${table}`);
    tables[table] = rows
      .map((row) => JSON.stringify(Object.entries(row).filter(([name]) => !OF_THE_LOAD.has(name))))
      .sort();
  }
  return tables;
}
