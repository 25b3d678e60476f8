import type { Adapters } from '../adapters/adapters.js';
import { TerminalError, TransientError } from '../adapters/errors.js';
import { type ClaimedTables, claimTables, clearClaimSql } from '../adapters/redshift/ledger/claims.js';
import { describeEndpoint } from '../adapters/redshift/session/connection-settings.js';
import type { Session } from '../adapters/redshift/session/session.js';
import type { ClaimOutcome, RunningRun } from '../domain/facts.js';
import type { Attempt } from './attempt.js';

/** An attempt that wants tables for its run. The ledger must be there. */
export interface ClaimWork {
  readonly session: Session;
  readonly attempt: Attempt;
  readonly tables: ClaimedTables;
}

/**
 * Asks the warehouse, then Temporal, then the warehouse again: Temporal is asked outside of the transaction, and a claim is taken
 * over only if it is still the one that was asked about.
 *
 * @throws TerminalError foreignClaim; TransientError when Temporal does not answer, or when the attempt has outlived its run
 */
export async function claim({ runs }: Adapters, work: ClaimWork): Promise<ClaimOutcome> {
  const { session, attempt, tables } = work;
  const { workflowId, runId, signal } = attempt;
  const claimant: RunningRun = { workflowId, runId, ...(await runs.identity(signal)) };
  let over: RunningRun | undefined;
  for (;;) {
    const holder = await claimTables(session, { tables, claimant, ...(over === undefined ? {} : { over }) });
    if (holder === undefined) return { claimedBy: runId };
    const state = await runs.find(holder, signal);
    if (state.kind === 'unknown') throw foreignClaim(work, holder);
    if (state.kind === 'running') {
      const run = { ...holder, ...state.run };
      if (!isSameWorkflow(run, claimant)) return { holder: run };
      // Of one workflow id only one run is open. When that is not this one, this attempt outlived its run.
      if (run.runId !== runId) throw outlived(attempt);
    }
    over = holder;
  }
}

function isSameWorkflow(one: RunningRun, other: RunningRun): boolean {
  return (
    one.workflowId === other.workflowId && one.namespace === other.namespace && one.namespaceId === other.namespaceId
  );
}

function foreignClaim({ session, tables }: ClaimWork, holder: RunningRun): TerminalError {
  const { workflowId, runId, namespace, claimedAt } = holder;
  return new TerminalError({
    kind: 'foreignClaim',
    message:
      `The tables of ${tables.warehouse} in schema ${tables.schema} of ${describeEndpoint(session.settings)} are claimed by workflow ${workflowId}, ` +
      `run ${runId}, since ${claimedAt}. It belongs to namespace "${namespace}" of another Temporal server, which this worker cannot ask whether the run is over. ` +
      `Wait until it is and retry this step. When it will never end, clear its claim and retry: ${clearClaimSql(tables, holder)}`,
    resource: `${tables.schema}.${tables.warehouse}`,
  });
}

function outlived({ workflowId, runId }: Attempt): TransientError {
  return new TransientError({
    kind: 'sqlConflict',
    message: `Run ${runId} of workflow ${workflowId} is over; another run of this workflow has begun.`,
    resource: workflowId,
  });
}
