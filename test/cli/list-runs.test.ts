import assert from 'node:assert/strict';
import { runTable } from '../../src/cli/list-runs.js';

const NOW = Date.parse('2026-01-02T05:04:06Z');
const DONE = {
  ...{ workflowId: 'load-1', runId: 'r', workflow: 'loadWarehouse', status: 'completed' },
  startedAt: '2026-01-02T03:00:00.000Z',
};

describe('runTable', () => {
  it('tells for what, how long and until when a run waits', () => {
    const waits = { steps: ['staging_events', 'songs'], since: '2026-01-02T03:04:06Z', until: '2026-01-05T03:04:06Z' };
    assert.deepEqual(runTable([{ ...DONE, workflowId: 'load-2', status: 'parked', waits }, DONE], NOW).split('\n'), [
      'WORKFLOW ID  WORKFLOW       STATUS     STARTED (UTC)        WAITS',
      'load-2       loadWarehouse  parked     2026-01-02 03:00:00  for an answer to staging_events, songs for 2 h 0 min, until 2026-01-05 03:04:06 UTC',
      'load-1       loadWarehouse  completed  2026-01-02 03:00:00',
    ]);
  });

  it('tells for which other run a run waits', () => {
    const remark = 'waits since 2026-01-02 03:04:06 UTC for run load-1';
    assert.deepEqual(runTable([{ ...DONE, workflowId: 'load-2', status: 'running', remark }], NOW).split('\n'), [
      'WORKFLOW ID  WORKFLOW       STATUS   STARTED (UTC)        WAITS',
      'load-2       loadWarehouse  running  2026-01-02 03:00:00  since 2026-01-02 03:04:06 UTC for run load-1',
    ]);
  });

  it('has no such column where none waits', () => {
    assert.deepEqual(runTable([DONE], NOW).split('\n')[0], 'WORKFLOW ID  WORKFLOW       STATUS     STARTED (UTC)');
  });
});
