import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** Where the cluster of a stack answers. */
export interface SqlEndpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly caPath: string;
}

/** A row in text form, in the order of the select list. */
export type TextRow = readonly (string | null)[];

/** A session of the harness's own, for looking and, in the self-test, for breaking. */
export class WarehouseSql {
  private constructor(private readonly client: pg.Client) {}

  static async connect(endpoint: SqlEndpoint): Promise<WarehouseSql> {
    const { caPath, ...settings } = endpoint;
    const client = new pg.Client({
      ...settings,
      ssl: { ca: await readFile(caPath, 'utf8') },
      application_name: 'faults',
      types: { getTypeParser: () => (text: string) => text } as pg.CustomTypesConfig,
    });
    // A session that breaks while it is idle tells so with its next statement.
    client.on('error', () => undefined);
    await client.connect();
    return new WarehouseSql(client);
  }

  async rows(sql: string): Promise<readonly TextRow[]> {
    const result = await this.client.query({ text: sql, rowMode: 'array' });
    return result.rows as TextRow[];
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** Connects, works and closes, whatever happens. */
export async function withWarehouse<Result>(
  endpoint: SqlEndpoint,
  work: (sql: WarehouseSql) => Promise<Result>,
): Promise<Result> {
  const sql = await WarehouseSql.connect(endpoint);
  try {
    return await work(sql);
  } finally {
    await sql.close();
  }
}

/** An SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
