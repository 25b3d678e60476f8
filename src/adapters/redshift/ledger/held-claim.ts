import { TerminalError } from '../../errors.js';
import type { Session } from '../session/session.js';
import { type ClaimedTables, readClaim } from './claims.js';

/** What a run has claimed, as its steps must find it when they write. */
export interface HeldClaim {
  readonly tables: ClaimedTables;
  readonly workflowId: string;
  readonly runId: string;
  /** Of the run's namespace; absent where the server does not tell. */
  readonly namespaceId?: string;
}

/**
 * Makes sure, in the transaction of a step and under the lock of its guard, that its run still has the tables. An attempt whose worker
 * stood still may wake when its run is over and another one has claimed and loaded them: it must not bring old files back.
 *
 * Who claims next waits for no step: its own step on the same target waits for the guard, and finds there what this one has written.
 * Steps read `claims` and never write it; who claims reads and writes nothing else, and locks `claims_lock` in its place. So under
 * SERIALIZABLE there is no cycle between them, and a COPY of hours keeps nobody from claiming other tables.
 *
 * @throws TerminalError claimLost
 */
export async function requireClaim(session: Session, claim: HeldClaim): Promise<void> {
  const { tables, workflowId, runId, namespaceId } = claim;
  const holder = await readClaim(session, tables);
  const sameServer =
    holder?.namespaceId === undefined || namespaceId === undefined || holder.namespaceId === namespaceId;
  if (holder?.workflowId === workflowId && holder.runId === runId && sameServer) return;
  if (holder === undefined) throw claimLost(claim, `nobody has claimed ${nameOf(tables)} any more;`);
  const server = sameServer ? '' : ' of another Temporal server';
  throw claimLost(claim, `run ${holder.runId} of workflow ${holder.workflowId}${server} has ${nameOf(tables)} now;`);
}

/** The error of a step whose run has the tables no more; `whose` says who has them. */
export function claimLost(
  { tables, workflowId, runId }: Pick<HeldClaim, 'tables' | 'workflowId' | 'runId'>,
  whose: string,
): TerminalError {
  return new TerminalError({
    kind: 'claimLost',
    message:
      `Nothing was written: ${whose} this run, ${runId} of workflow ${workflowId}, is over or was reset. ` +
      'If it goes on, retry the step: it claims the tables first, and waits for the run that has them.',
    resource: `${tables.schema}.${tables.warehouse}`,
  });
}

/** `the tables of sparkify in schema public`. */
export function nameOf({ schema, warehouse }: ClaimedTables): string {
  return `the tables of ${warehouse} in schema ${schema}`;
}
