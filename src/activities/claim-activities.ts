import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapters } from '../adapters/adapters.js';
import { releaseTables } from '../adapters/redshift/ledger/claims.js';
import { ensureLedger } from '../adapters/redshift/ledger/ledger-tables.js';
import type { RunState } from '../adapters/temporal/temporal-runs.js';
import type { RunningRun } from '../domain/facts.js';
import { STEP_IDS } from '../domain/step-titles.js';
import type { ClaimActivities } from './activities.js';
import { type Attempt, runAttempt } from './attempt.js';
import { claim } from './claim.js';
import { inSession } from './load-activities.js';

/** How often a waiting run looks whether the other one has ended. */
const LOOK_EVERY_MS = 1_000;

/** Activities that keep runs on the same tables apart. */
export function createClaimActivities(adapters: Adapters): ClaimActivities {
  return {
    claimTables: (scope) =>
      inSession(adapters, { scope, step: STEP_IDS.claimTables }, async (session, attempt) => {
        await ensureLedger(session, []);
        const { schema, warehouse } = scope;
        return claim(adapters, { session, attempt, tables: { schema, warehouse } });
      }),

    releaseTables: ({ claimedBy, ...scope }) =>
      inSession(adapters, { scope, step: STEP_IDS.claimTables }, (session, { workflowId, runId }) => {
        const { schema, warehouse } = scope;
        // A step that a reset began again may have claimed for the new run, of which the history says nothing.
        return releaseTables(session, { tables: { schema, warehouse }, workflowId, runIds: [claimedBy, runId] });
      }),

    waitForRun: (run) => runAttempt((attempt) => waitUntilOver(adapters, run, attempt)),
  };
}

async function waitUntilOver({ runs }: Adapters, run: RunningRun, { signal, report }: Attempt): Promise<void> {
  report({ waitsFor: run.workflowId });
  let state: RunState = await runs.find(run, signal);
  while (state.kind === 'running') {
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    state = await runs.find(run, signal);
  }
}
