import { utcText } from '../../../domain/duration.js';
import { TransientError } from '../../errors.js';
import { quoteLiteral } from '../quote.js';
import { describeEndpoint } from './connection-settings.js';
import { endsWithin } from './deadline.js';
import type { Row, Session } from './session.js';

/** A statement that needs tables for itself alone: LOCK, DROP. It waits for everybody who has as much as read them in an open transaction. */
export interface LockingStatement {
  readonly sql: string;
  /** Names it in errors, for example `Locking songs`. */
  readonly action: string;
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
}

/** Who keeps a statement waiting. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string;
  /** When its transaction began, ISO 8601. */
  readonly since: string;
}

/** A wait for a lock. Goes into heartbeats and the worker's log. */
export interface LockWait {
  /** Empty where this user may not see them. */
  readonly holders: readonly LockHolder[];
  /** What waits, for whom, and the statement that would end it. */
  readonly text: string;
}

/** How long a lock may keep a statement waiting, in milliseconds. */
export interface LockWaitTimes {
  /** Until somebody is told. @default 10000 */
  readonly tellAfterMs?: number;
  /** Between two looks at who holds the lock. @default 15000 */
  readonly lookEveryMs?: number;
  /** Until the statement is cancelled; the next attempt begins the wait anew. @default 300000 */
  readonly giveUpAfterMs?: number;
}

/** A look at who holds the lock is not worth waiting for when the lock itself comes. */
const LOOK_TIMEOUT_MS = 20_000;

/**
 * Runs a statement that waits for locks, and does not wait in silence: after some seconds a session of its own finds out who holds
 * them, the session's `onLockWait` hears of it, and after some minutes the statement is cancelled.
 *
 * @throws TransientError sqlConflict when it was given up; the transaction is to be rolled back
 */
export async function runLocking(session: Session, statement: LockingStatement): Promise<void> {
  const { tellAfterMs = 10_000, lookEveryMs = 15_000, giveUpAfterMs = 300_000 } = session.lockWaitTimes;
  const { sql, action } = statement;
  const work = session.run({ sql, action });
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  const begun = performance.now();
  if (!(await endsWithin(settled, Math.min(tellAfterMs, giveUpAfterMs)))) {
    let wait: LockWait;
    do {
      wait = await look(session, { statement, settled });
      session.tellLockWait(wait);
      const leftMs = begun + giveUpAfterMs - performance.now();
      if (await endsWithin(settled, Math.max(0, Math.min(lookEveryMs, leftMs)))) break;
    } while (performance.now() - begun < giveUpAfterMs);
    if (!(await endsWithin(settled, 0))) {
      await session.stopStatement(settled);
      // Even if the lock came at the last moment: the cancel request may hit whatever runs next.
      throw givenUp(session, { statement, wait, minutes: giveUpAfterMs / 60_000 });
    }
    session.tellLockWait(undefined);
  }
  await work;
}

/** Ends early when the statement does. What cannot be found out does not end the wait. */
async function look(
  session: Session,
  { statement, settled }: { readonly statement: LockingStatement; readonly settled: Promise<void> },
): Promise<LockWait> {
  const enough = new AbortController();
  void settled.then(() => enough.abort());
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]);
  const holders = await session
    .beside(signal, (other) => findHolders(other, { statement, waiting: session.processId }))
    .catch((): readonly LockHolder[] => []);
  return { holders, text: `${statement.action} waits for a lock ${describeHolders(session, statement, holders)}` };
}

async function findHolders(
  session: Session,
  { statement, waiting }: { readonly statement: LockingStatement; readonly waiting: number },
): Promise<readonly LockHolder[]> {
  const { rows } = await session.run({
    sql: `select t.pid, t.txn_owner, min(t.txn_start) as since
      from svv_transactions t
      join pg_class c on c.oid = t.relation
      join pg_namespace n on n.oid = c.relnamespace
      where (${statement.tables.map(isTable).join(' or ')})
        and t.txn_db = current_database() and t.granted and t.pid <> ${waiting}
      group by t.pid, t.txn_owner order by 3`,
    action: 'Looking for who holds the lock',
  });
  return rows.map(holderOf);
}

function isTable({ schema, table }: LockingStatement['tables'][number]): string {
  return `(n.nspname = ${quoteLiteral(schema.toLowerCase())} and c.relname = ${quoteLiteral(table.toLowerCase())})`;
}

/** `2018-11-01 12:00:00.123456`, UTC as all system views are. */
function holderOf({ pid, txn_owner: user, since }: Row): LockHolder {
  const at = new Date(`${(since ?? '').trim().replace(' ', 'T')}Z`);
  return { pid: Number(pid), user: (user ?? '').trim(), since: at.toISOString() };
}

/** Who has it, and what would end that. */
function describeHolders(session: Session, statement: LockingStatement, holders: readonly LockHolder[]): string {
  if (holders.length === 0) {
    const tables = statement.tables.map(({ schema, table }) => `'"${schema}"."${table}"'::regclass`).join(', ');
    return (
      `held by a session that user ${session.settings.user} may not see. A superuser finds it with: ` +
      `select pid, txn_owner, txn_start from svv_transactions where granted and relation in (${tables})`
    );
  }
  const who = holders.map(
    ({ pid, user, since }) => `pid ${pid} (user ${user}, in a transaction since ${utcText(since)})`,
  );
  const ends = holders.map(({ pid }) => `pg_terminate_backend(${pid})`);
  return `held by ${who.join(', ')}. To end that session: select ${ends.join(', ')}`;
}

function givenUp(
  session: Session,
  work: { readonly statement: LockingStatement; readonly wait: LockWait; readonly minutes: number },
): TransientError {
  const { statement, wait, minutes } = work;
  return new TransientError({
    kind: 'sqlConflict',
    message: `${statement.action} in ${describeEndpoint(session.settings)} was given up after ${Number(minutes.toFixed(1))} min and is tried again. ${wait.text}`,
    resource: statement.tables.map(({ schema, table }) => `${schema}.${table}`).join(', '),
  });
}
