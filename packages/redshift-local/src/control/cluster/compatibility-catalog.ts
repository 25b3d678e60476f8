import { createHash } from 'node:crypto';
import type pg from 'pg';
import { installCatalog } from '../../catalog/install-catalog.js';
import type { Catalog } from './cluster-runtime.js';

/** Redshift lets everybody create tables in public; PostgreSQL has not since version 15. */
const PUBLIC_SCHEMA_SQL = 'grant all on schema public to public';

/** The compatibility schema, its version a digest of the statements it installs. */
export async function compatibilityCatalog(): Promise<Catalog> {
  const digest = createHash('sha256');
  const recorder = { query: async (sql: string) => void digest.update(sql) };
  await install(recorder as unknown as pg.Client);
  return { version: digest.digest('hex').slice(0, 16), install };
}

async function install(client: pg.Client): Promise<void> {
  await installCatalog(client);
  await client.query(PUBLIC_SCHEMA_SQL);
}
