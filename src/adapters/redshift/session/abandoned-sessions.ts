import { setTimeout as delay } from 'node:timers/promises';
import { AdapterError, TransientError } from '../../errors.js';
import { quoteLiteral } from '../quote.js';
import { describeEndpoint } from './connection-settings.js';
import type { Row, Session } from './session.js';

/** Which sessions to end, and how long that may take. */
export interface AbandonedRequest {
  /** See queryLabel: what carries it belongs to earlier attempts of the caller's own step. */
  readonly label: string;
  /** Rolling back a large COPY takes a while. @default 60000 */
  readonly withinMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;
/** Clocks of the views are the leader's, but not all of them keep fractions of a second. */
const CLOCK_SLACK_MS = 1_000;

/** Views that tell of sessions and of what they have run. None of them is on every kind of warehouse. */
const VIEWS = ['stv_inflight', 'stv_sessions', 'svv_transactions', 'sys_query_history', 'svl_statementtext'] as const;
type View = (typeof VIEWS)[number];

/**
 * Ends what earlier attempts of a step have left on the server: sessions with the step's label that still run a statement, or sit in
 * a transaction with its locks because the server has not heard yet that their client is gone. Their client is dead, or has been
 * given up by Temporal: its COMMIT would be a second one. To be called before the attempt locks anything, outside a transaction;
 * returns when the server has none of them left.
 *
 * Only sessions of the same label are touched, so a run of another workflow never is. Sessions of one's own user may be terminated
 * without further rights (DG "PG_TERMINATE_BACKEND"; unsure for users that IAM credentials create, whose sessions may differ in name).
 *
 * @returns process ids of the sessions that were ended
 * @throws TransientError abandonedSession when one of them may not be terminated, or does not end in time
 */
export async function endAbandonedSessions(session: Session, request: AbandonedRequest): Promise<readonly number[]> {
  const views = await findViews(session);
  const deadline = performance.now() + (request.withinMs ?? WITHIN_MS);
  const ended = new Set<number>();
  for (;;) {
    const left = await findAbandoned(session, { label: request.label, views });
    if (left.length === 0) return [...ended];
    if (performance.now() > deadline) throw stillThere(session, left);
    for (const processId of left.filter((pid) => !ended.has(pid))) {
      await terminate(session, processId);
      ended.add(processId);
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: request.signal });
  }
}

/**
 * Process ids of other sessions with this label that are still there. A session that waits for its client shows in no view together
 * with its label, so sessions and transactions are matched with the statements that carry it: of those since the session or its
 * transaction began, because process ids are used again.
 */
export async function findAbandoned(
  session: Session,
  { label, views }: { readonly label: string; readonly views: ReadonlySet<View> },
): Promise<readonly number[]> {
  const ask = async (view: View, sql: string): Promise<readonly Row[]> =>
    views.has(view) ? readView(session, { view, sql }) : [];
  const isLabel = (column: string): string => `rtrim(${column}) = ${quoteLiteral(label)}`;
  const running = [
    ...(await ask('stv_inflight', `select distinct pid from stv_inflight where ${isLabel('label')}`)),
    // Where sessions are not listed, the history's own word has to do.
    ...(views.has('stv_sessions')
      ? []
      : await ask(
          'sys_query_history',
          `select distinct session_id as pid from sys_query_history
            where ${isLabel('query_label')} and status in ('planning', 'queued', 'running', 'returning')`,
        )),
  ];
  const alive = earliestStarts([
    ...(await ask('stv_sessions', 'select process as pid, starttime as at from stv_sessions')),
    ...(await ask('svv_transactions', 'select pid, min(txn_start) as at from svv_transactions group by pid')),
  ]);
  alive.delete(session.processId);
  const found = new Set(running.map(pidOf));
  found.delete(session.processId);
  if (alive.size === 0) return [...found];
  const among = [...alive.keys()].join(', ');
  const labelled = [
    ...(await ask(
      'sys_query_history',
      `select session_id as pid, max(start_time) as at from sys_query_history
        where session_id in (${among}) and ${isLabel('query_label')} group by session_id`,
    )),
    ...(await ask(
      'svl_statementtext',
      `select pid, max(starttime) as at from svl_statementtext
        where pid in (${among}) and ${isLabel('label')} group by pid`,
    )),
  ];
  for (const row of labelled) {
    const since = alive.get(pidOf(row));
    if (since !== undefined && timeOf(row) >= since - CLOCK_SLACK_MS) found.add(pidOf(row));
  }
  return [...found];
}

/** Which of the views there are. */
export async function findViews(session: Session): Promise<ReadonlySet<View>> {
  const { rows } = await session.run({
    sql: `select relname from pg_class where relname in (${VIEWS.map(quoteLiteral).join(', ')})`,
    action: 'Looking for the session views',
  });
  return new Set(VIEWS.filter((view) => rows.some(({ relname }) => relname === view)));
}

/** A view that this user may not read, or that lacks a column here, tells nothing; the others still do. */
async function readView(
  session: Session,
  { view, sql }: { readonly view: View; readonly sql: string },
): Promise<readonly Row[]> {
  try {
    return (await session.run({ sql, action: `Looking into ${view} for sessions of earlier attempts` })).rows;
  } catch (error) {
    if (error instanceof AdapterError && /^(42|0A)/.test(error.code ?? '')) return [];
    throw error;
  }
}

async function terminate(session: Session, processId: number): Promise<void> {
  try {
    await session.run({
      sql: `select pg_terminate_backend(${processId})`,
      action: `Ending session ${processId}, which an earlier attempt of this step has left`,
    });
  } catch (error) {
    if (!(error instanceof AdapterError) || error.code !== '42501') throw error;
    throw new TransientError({
      kind: 'abandonedSession',
      message:
        `An earlier attempt of this step has left session ${processId} in ${describeEndpoint(session.settings)}, and user ` +
        `${session.settings.user} may not end it. It is tried again; to be rid of it, run as a superuser: select pg_terminate_backend(${processId})`,
      resource: describeEndpoint(session.settings),
      code: error.code,
      cause: error,
    });
  }
}

function stillThere(session: Session, processIds: readonly number[]): TransientError {
  const sql = processIds.map((pid) => `pg_terminate_backend(${pid})`).join(', ');
  return new TransientError({
    kind: 'abandonedSession',
    message:
      `An earlier attempt of this step has left session ${processIds.join(', ')} in ${describeEndpoint(session.settings)}; it was ` +
      `terminated but is not gone yet, perhaps because it rolls back. It is tried again; if it stays, run as a superuser: select ${sql}`,
    resource: describeEndpoint(session.settings),
  });
}

function earliestStarts(rows: readonly Row[]): Map<number, number> {
  const starts = new Map<number, number>();
  for (const row of rows) starts.set(pidOf(row), Math.min(starts.get(pidOf(row)) ?? timeOf(row), timeOf(row)));
  return starts;
}

function pidOf(row: Row): number {
  return Number(row.pid);
}

/** Milliseconds of `2018-11-01 12:00:00.123456`, UTC as all system views are. */
function timeOf({ at }: Row): number {
  return Date.parse(`${(at ?? '').trim().replace(' ', 'T')}Z`);
}
