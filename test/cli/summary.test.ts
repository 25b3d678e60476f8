import assert from 'node:assert/strict';
import { summaryLines } from '../../src/cli/summary.js';
import type { RunResult } from '../../src/domain/progress.js';

const RESULT: RunResult = {
  status: 'completedWithSkips',
  workflow: 'loadWarehouse',
  workflowId: 'nightly',
  runId: 'r',
  cluster: 'music',
  tables: {},
  checks: [],
  steps: [{ id: 'staging_events', kind: 'stage', title: 'COPY staging_events', state: 'skipped', needs: [], tries: 1 }],
  rejectedRows: 3,
  quarantinedFiles: 1,
  skipped: [
    { step: 'staging_events', reason: 'skipped by a person after CopyRejectedRows' },
    { step: 'songplays', reason: 'needs staging_events, which a person skipped' },
  ],
  durationMs: 1_000,
};

describe('summaryLines', () => {
  it('lists what the run did without, and where rejected rows and files lie', () => {
    assert.deepEqual(summaryLines(RESULT), [
      'loadWarehouse nightly completed with skipped steps in 1.0 s',
      'Skipped',
      '  staging_events: skipped by a person after CopyRejectedRows',
      '  songplays: needs staging_events, which a person skipped',
      'Rejected rows: 3, files left out: 1; see npx starshift quarantine list --run nightly',
    ]);
  });

  it('names no quarantine where nothing lies in it, nor rejected rows of a run that stages nothing', () => {
    const { quarantinedFiles: _, skipped: __, ...older } = RESULT;
    assert.deepEqual(summaryLines({ ...older, status: 'completed', rejectedRows: 0 }), [
      'loadWarehouse nightly completed in 1.0 s',
      'Rejected rows: 0',
    ]);
    assert.deepEqual(summaryLines({ ...older, status: 'completed', steps: [] }), [
      'loadWarehouse nightly completed in 1.0 s',
    ]);
  });
});
