import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type BenchStack, PASSWORD } from './bench-stack.js';

/** What the ledger cost one load. */
export interface LedgerCost {
  /** Statements of the load that a person's own script would not send. */
  readonly statements: number;
  /** Time of those statements on the server, one after another, though steps run side by side. */
  readonly ledgerMs: number;
  /** Rows that the load left in the ledger. */
  readonly ledgerRows: number;
}

/** The load itself: its data statements and the frame of their transactions. Everything else is counted as the ledger's. */
const DATA_STATEMENT = /^\s*(begin|commit|copy|truncate|(insert into|delete from|select .* from) "?(?!starshift)\w)/i;

/**
 * Reads from the query history, by the labels of the run's sessions, what the server spent on statements that only the ledger needs.
 * No second run is compared, so the noise of the machine is not in it.
 */
export async function ledgerCost(bench: BenchStack, workflowId: string): Promise<LedgerCost> {
  const { host, port } = await bench.endpoint();
  const ssl = { ca: readFileSync(bench.stack.redshift.caPath, 'utf8') };
  const client = new pg.Client({ host, port, user: 'admin', password: PASSWORD, database: 'dev', ssl });
  await client.connect();
  try {
    const history = await client.query<{ query_text: string; elapsed_time: string }>(
      `select query_text, elapsed_time from sys_query_history where query_label like 'starshift ${workflowId} %'`,
    );
    const own = history.rows.filter(({ query_text }) => !DATA_STATEMENT.test(query_text));
    return {
      statements: own.length,
      ledgerMs: own.reduce((sum, { elapsed_time }) => sum + Number(elapsed_time) / 1_000, 0),
      ledgerRows: await ledgerRows(client, workflowId),
    };
  } finally {
    await client.end();
  }
}

async function ledgerRows(client: pg.Client, workflowId: string): Promise<number> {
  const tables = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'starshift' and tablename <> 'claims_lock'`,
  );
  const of = tables.rows.map(({ name }) => `select count(*) as n from starshift.${name} where workflow_id = $1`);
  const rows = await client.query<{ n: string }>(`select sum(n) as n from (${of.join(' union all ')}) as parts`, [
    workflowId,
  ]);
  return Number(rows.rows[0]?.n ?? 0);
}
