import type { RunningRun } from '../../../domain/facts.js';
import { qualify, quoteLiteral } from '../quote.js';
import { runLocking } from '../session/lock-wait.js';
import type { Session } from '../session/session.js';
import { LEDGER_SCHEMA } from './ledger-tables.js';

/** What a run claims: a warehouse's tables in one schema of the session's database. */
export interface ClaimedTables {
  readonly schema: string;
  readonly warehouse: string;
}

export interface ClaimRequest {
  readonly tables: ClaimedTables;
  /** Who wants them. */
  readonly claimant: RunningRun;
  /** A run that is known to be over: its claim, and no other, may be taken over. */
  readonly over?: RunningRun;
}

const CLAIMS = qualify(LEDGER_SCHEMA, 'claims');
/** Locked in place of the claims: LOCK waits for every reader, and steps read the claims in transactions of hours. */
const CLAIMS_LOCK = { schema: LEDGER_SCHEMA, table: 'claims_lock' };

/**
 * Claims the tables, in one transaction under the lock of the claims: so of two runs that take over from a third one gets
 * the claim and the other is told of it. A run that has the tables already keeps them. Needs the ledger, see ensureLedger.
 *
 * @returns undefined when the tables are the claimant's now, else who has them
 */
export async function claimTables(session: Session, request: ClaimRequest): Promise<RunningRun | undefined> {
  const { tables, claimant, over } = request;
  return session.transaction(async () => {
    await lockClaims(session);
    const holder = await readClaim(session, tables);
    if (holder !== undefined && isSameRun(holder, claimant)) return undefined;
    if (holder !== undefined && !(over !== undefined && isSameRun(holder, over))) return holder;
    await session.run({ sql: `delete from ${CLAIMS} where ${tablesAre(tables)}`, action: 'Taking over a claim' });
    await session.run({ sql: insertClaim(tables, claimant), action: 'Claiming the tables' });
    return undefined;
  });
}

/** Gives the tables back that one of these runs has claimed; what another run has claimed since stays. */
export async function releaseTables(
  session: Session,
  claim: { readonly tables: ClaimedTables; readonly workflowId: string; readonly runIds: readonly string[] },
): Promise<void> {
  const { tables, workflowId, runIds } = claim;
  await session.transaction(async () => {
    await lockClaims(session);
    for (const runId of new Set(runIds)) {
      await session.run({ sql: clearClaimSql(tables, { workflowId, runId }), action: 'Releasing the tables' });
    }
  });
}

async function lockClaims(session: Session): Promise<void> {
  const sql = `lock table ${qualify(CLAIMS_LOCK.schema, CLAIMS_LOCK.table)}`;
  await runLocking(session, { sql, action: 'Locking the claims', tables: [CLAIMS_LOCK] });
}

/** The statement with which a person clears a claim whose run nobody can ask. */
export function clearClaimSql(
  tables: ClaimedTables,
  { workflowId, runId }: Pick<RunningRun, 'workflowId' | 'runId'>,
): string {
  return `delete from ${LEDGER_SCHEMA}.claims where ${tablesAre(tables)} and workflow_id = ${quoteLiteral(workflowId)} and run_id = ${quoteLiteral(runId)}`;
}

/** Who has the tables; undefined when nobody has. */
export async function readClaim(session: Session, tables: ClaimedTables): Promise<RunningRun | undefined> {
  const { rows } = await session.run({
    sql: `select workflow_id, run_id, namespace, namespace_id, to_char(claimed_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as claimed_at
      from ${CLAIMS} where ${tablesAre(tables)}`,
    action: 'Reading who has claimed the tables',
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    workflowId: row.workflow_id ?? '',
    runId: row.run_id ?? '',
    namespace: row.namespace ?? '',
    ...(row.namespace_id ? { namespaceId: row.namespace_id } : {}),
    ...(row.claimed_at ? { claimedAt: row.claimed_at } : {}),
  };
}

function insertClaim(tables: ClaimedTables, { workflowId, runId, namespace, namespaceId }: RunningRun): string {
  const names = [folded(tables.schema), tables.warehouse, workflowId, runId, namespace].map(quoteLiteral).join(', ');
  const id = namespaceId === undefined ? 'null' : quoteLiteral(namespaceId);
  return `insert into ${CLAIMS} (table_schema, warehouse, workflow_id, run_id, namespace, namespace_id, claimed_at)
    values (${names}, ${id}, getdate())`;
}

function tablesAre({ schema, warehouse }: ClaimedTables): string {
  return `table_schema = ${quoteLiteral(folded(schema))} and warehouse = ${quoteLiteral(warehouse)}`;
}

/** Redshift folds identifiers, quoted ones too: "Public" and public are one schema. */
function folded(schema: string): string {
  return schema.toLowerCase();
}

/** Run ids are UUIDs. */
function isSameRun(one: RunningRun, other: RunningRun): boolean {
  return one.runId === other.runId && one.workflowId === other.workflowId;
}
