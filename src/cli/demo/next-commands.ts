import { dirname } from 'node:path';
import { TASK_QUEUE } from '../../domain/names.js';
import { temporalFlags } from '../answers.js';
import type { Destination } from '../connect.js';
import { shellQuote } from '../format.js';
import { runUrl } from '../run.js';
import { DEMO_CLUSTER, DEMO_WORKFLOW_ID } from './demo-run.js';

/** Commands to try while the demo's stack is up, ready to paste. */
export function nextCommands(destination: Destination): string[] {
  const flags = temporalFlags(destination);
  return [
    'Try in another terminal:',
    ...pathLine(destination).map((line) => `  ${line}`),
    `  temporal workflow list${flags}`,
    `  temporal workflow describe${flags} --workflow-id ${DEMO_WORKFLOW_ID}`,
    `  temporal workflow query${flags} --workflow-id ${DEMO_WORKFLOW_ID} --type progress`,
    `  temporal workflow start${flags} --task-queue ${TASK_QUEUE} --type loadWarehouse --workflow-id load-again --input-file examples/load-warehouse.json`,
    `  temporal workflow result${flags} --workflow-id load-again`,
    '  npx starshift status',
    '  npx starshift plan sparkify',
    `  psql "$(npx starshift dsn ${DEMO_CLUSTER})"`,
  ];
}

/** Where the Web UI shows the run; nothing where no UI was found. */
export function uiLines(destination: Destination): string[] {
  if (destination.uiUrl === undefined) return [];
  const run = runUrl(destination, DEMO_WORKFLOW_ID);
  return [`Temporal Web UI: ${run}`, `       All runs: ${run.slice(0, run.lastIndexOf('/'))}`];
}

/** The local stack keeps the binary in a cache where no shell looks. */
function pathLine({ temporalBinary, environment }: Destination): string[] {
  if (temporalBinary === undefined || !temporalBinary.includes('/')) return [];
  const folder = dirname(temporalBinary);
  if ((environment.PATH ?? '').split(':').includes(folder)) return [];
  return [`export PATH=${shellQuote(folder)}:"$PATH"   # where the temporal CLI is`];
}
