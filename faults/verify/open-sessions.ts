import { setTimeout as delay } from 'node:timers/promises';
import type { WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';

/** A session closes a moment after its activity has ended; one that is still there after this is left over. */
const SETTLE_MS = 6_000;
const EVERY_MS = 50;

/**
 * Sessions beside the asking one, and what they lock. A stack serves one run at a time, so after it there is nobody else; each is named
 * by the label of its last statement.
 */
export async function openSessions(sql: WarehouseSql, settleMs = SETTLE_MS): Promise<readonly Finding[]> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const findings = [...(await sessions(sql)), ...(await locks(sql))];
    if (findings.length === 0 || Date.now() > deadline) return findings;
    await delay(EVERY_MS);
  }
}

async function sessions(sql: WarehouseSql): Promise<readonly Finding[]> {
  const rows = await sql.rows('select process from stv_sessions where process <> pg_backend_pid()');
  return Promise.all(
    rows.map(async ([pid]) => ({ trouble: 'session' as const, count: 1, text: await describe(sql, String(pid)) })),
  );
}

async function describe(sql: WarehouseSql, pid: string): Promise<string> {
  const [last] = await sql.rows(
    `select query_label, status, query_text from sys_query_history where session_id = ${pid} order by start_time desc limit 1`,
  );
  const said = last === undefined ? 'nothing yet' : `${last[1]?.trim()}: ${last[2]?.slice(0, 120)}`;
  return `session ${pid} (${last?.[0]?.trim() ?? 'no label'}) is still open; its last statement is ${said}`;
}

async function locks(sql: WarehouseSql): Promise<readonly Finding[]> {
  const rows = await sql.rows(
    `select t.pid, t.lock_mode, c.relname, t.granted from svv_transactions t left join pg_class c on c.oid = t.relation
     where t.pid <> pg_backend_pid() and t.lockable_object_type = 'relation'`,
  );
  return rows.map(([pid, mode, relation, granted]) => ({
    trouble: 'lock' as const,
    count: 1,
    text: `session ${pid} ${granted === 't' ? 'holds' : 'waits for'} ${mode} on ${relation ?? 'a relation that is gone'}`,
  }));
}
