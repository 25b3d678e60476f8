import { log } from '@temporalio/activity';
import type { Adapters } from '../adapters/adapters.js';
import { resolveTarget } from '../adapters/aws/resolve-target.js';
import { countRows } from '../adapters/redshift/count-rows.js';
import { createTables } from '../adapters/redshift/create-tables.js';
import { claimLost, nameOf } from '../adapters/redshift/ledger/held-claim.js';
import { readKnownFiles } from '../adapters/redshift/ledger/known-files.js';
import { ensureLedger } from '../adapters/redshift/ledger/ledger-tables.js';
import { runCheck } from '../adapters/redshift/run-check.js';
import { endAbandonedSessions } from '../adapters/redshift/session/abandoned-sessions.js';
import type { LockWait } from '../adapters/redshift/session/lock-wait.js';
import { queryLabel } from '../adapters/redshift/session/query-label.js';
import { type Session, withSession } from '../adapters/redshift/session/session.js';
import { transformTable } from '../adapters/redshift/transform/transform-table.js';
import { STEP_IDS } from '../domain/step-titles.js';
import type { LoadActivities, WarehouseScope } from './activities.js';
import { type Attempt, runAttempt } from './attempt.js';
import { claim } from './claim.js';
import { copyBatch, listSource } from './stage-source.js';

/** Activities that work in the warehouse and its source. */
export function createLoadActivities(adapters: Adapters): LoadActivities {
  return {
    createTables: (request) =>
      inSession(adapters, { scope: request, step: 'createTables' }, async (session, attempt) => {
        const { workflowId, runId, claim } = attempt;
        const { schema, design, recreate } = request;
        const warehouse = await adapters.warehouses.load(request.warehouse);
        const statements = warehouse.createStatements(design);
        const staging = warehouse.tables
          .filter(({ role }) => role === 'staging')
          .map(({ name: table }) => ({ workflowId, runId, step: STEP_IDS.createTables, schema, table }));
        return createTables(session, { schema, design, recreate, statements, staging, claim });
      }),

    listSource: async (request) => {
      const { incremental: scope, step } = request;
      const known =
        scope === undefined
          ? undefined
          : await inSession(adapters, { scope, step, readsOnly: true }, (session) => readKnownFiles(session, scope));
      return runAttempt((attempt) => listSource(adapters, { request, attempt, known }));
    },

    copyBatch: (request) =>
      inSession(adapters, { scope: request, step: request.step }, (session, attempt) =>
        copyBatch(adapters, { request, attempt, session }),
      ),

    transformTable: (request) =>
      inSession(adapters, { scope: request, step: request.step }, async (session, { workflowId, runId, claim }) => {
        const { schema, table, step, reads = [], mode } = request;
        const statement = (await adapters.warehouses.load(request.warehouse)).transform(step);
        const key = { workflowId, runId, step, schema, table, claim };
        return transformTable(session, { key, statement, reads, mode });
      }),

    runCheck: (request) =>
      inSession(adapters, { scope: request, step: `check ${request.check}`, readsOnly: true }, async (session) => {
        const warehouse = await adapters.warehouses.load(request.warehouse);
        return runCheck(session, warehouse.check(request.check));
      }),

    countRows: (scope) =>
      inSession(adapters, { scope, step: 'countRows', readsOnly: true }, async (session) => {
        const warehouse = await adapters.warehouses.load(scope.warehouse);
        return countRows(session, { schema: scope.schema, tables: warehouse.tables.map(({ name }) => name) });
      }),
  };
}

/** Where an attempt works. */
export interface SessionPlace {
  readonly scope: WarehouseScope;
  readonly step: string;
  /** Nothing is written: a first attempt then need not look for what an earlier one has left. @default false */
  readonly readsOnly?: boolean;
}

/** One attempt in one session, labelled with the workflow and the step, after what dead attempts have left under this label is gone. */
export function inSession<Result>(
  adapters: Adapters,
  { scope, step, readsOnly = false }: SessionPlace,
  work: (session: Session, attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  return runAttempt(async (attempt) => {
    const { workflowId, signal } = attempt;
    const { password, secretPrefixes } = adapters;
    // Without it, sessions of another server's run of the same name would be taken for this step's own.
    const identity = await adapters.runs.identity(signal);
    const settings = await resolveTarget(adapters.aws, { target: scope.target, password, secretPrefixes, signal });
    const label = queryLabel({ ...identity, workflowId, step });
    const onLockWait = (wait: LockWait | undefined): void => {
      attempt.report(wait === undefined ? undefined : { waitsForLock: wait });
      if (wait !== undefined) log.warn(wait.text, { step });
    };
    const request = { settings, schema: scope.schema, label, signal, onLockWait, defaults: adapters.sessions };
    return withSession(request, async (session) => {
      if (!readsOnly || attempt.number > 1) {
        const ended = await endAbandonedSessions(session, { label, signal });
        if (ended.length > 0) log.warn('Ended sessions that earlier attempts of the step had left', { ended, label });
      }
      const fenced = !readsOnly && scope.claimedBy !== undefined;
      return work(session, fenced ? await withClaim(adapters, { session, attempt, scope }) : attempt);
    });
  });
}

/**
 * The attempt with the claim that it must still find when it writes. An attempt that a reset has begun again, in a run that has not
 * come to claim anew, does so itself: else what the old run has left could not be told from it.
 */
async function withClaim(
  adapters: Adapters,
  work: { readonly session: Session; readonly attempt: Attempt; readonly scope: WarehouseScope },
): Promise<Attempt> {
  const { session, attempt, scope } = work;
  const { workflowId, runId, signal } = attempt;
  const tables = { schema: scope.schema, warehouse: scope.warehouse };
  const { namespaceId } = await adapters.runs.identity(signal);
  const held = { tables, workflowId, runId, ...(namespaceId === undefined ? {} : { namespaceId }) };
  if (scope.claimedBy !== runId) {
    await ensureLedger(session, []);
    const { holder } = await claim(adapters, { session, attempt, tables });
    if (holder !== undefined) {
      throw claimLost(held, `run ${holder.runId} of workflow ${holder.workflowId} has ${nameOf(tables)} now;`);
    }
  }
  return { ...attempt, claim: held };
}
