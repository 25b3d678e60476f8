import type { BackendSession } from '../backend-session.js';
import { RedshiftError } from '../redshift-error.js';

/** PostgreSQL's answer to SAVEPOINT outside of a transaction block. */
const NO_ACTIVE_TRANSACTION = '25P01';
const PROBE = 'redshift_local_copy';

/**
 * Runs a statement that takes several backend statements as one: in a transaction of its own when the client has none open,
 * otherwise in the client's, which is left aborted when the work fails, as after any failed statement.
 */
export async function inClientTransaction<T>(session: BackendSession, work: () => Promise<T>): Promise<T> {
  const own = !(await hasTransaction(session));
  if (own) await session.query('begin');
  try {
    const result = await work();
    if (own) await session.query('commit');
    return result;
  } catch (error) {
    await (own ? session.query('rollback') : abort(session));
    throw error;
  }
}

async function hasTransaction(session: BackendSession): Promise<boolean> {
  try {
    await session.query(`savepoint ${PROBE}`);
  } catch (error) {
    if (error instanceof RedshiftError && error.sqlState === NO_ACTIVE_TRANSACTION) return false;
    throw error;
  }
  await session.query(`release savepoint ${PROBE}`);
  return true;
}

/** Puts the client's transaction into the failed state, unless it is there already. */
async function abort(session: BackendSession): Promise<void> {
  try {
    await session.query(`do $$ begin raise exception 'COPY failed'; end $$`);
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
  }
}
