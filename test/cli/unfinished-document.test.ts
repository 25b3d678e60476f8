import assert from 'node:assert/strict';
import { unfinishedDocument } from '../../src/cli/follow-run.js';
import type { RunProgress } from '../../src/domain/progress.js';

const RUN = { workflowId: 'load-1', runId: 'run-1' };

describe('what --json prints of a run without a result', () => {
  it('has the fields of a result even when nothing of the run is known', () => {
    assert.deepEqual(unfinishedDocument({ kind: 'failed', error: new Error('no luck'), progress: undefined }, RUN), {
      ...RUN,
      ...{ status: 'failed', tables: {}, checks: [], steps: [], error: 'no luck' },
    });
  });

  it('keeps the progress of a parked run', () => {
    const progress: RunProgress = {
      workflow: 'loadWarehouse',
      workflowId: 'load-1',
      warehouse: 'sparkify',
      cluster: 'music',
      status: 'running',
      startedAt: '2026-01-02T03:04:05Z',
      steps: [],
    };
    assert.deepEqual(unfinishedDocument({ kind: 'parked', progress }, RUN), {
      ...progress,
      ...RUN,
      ...{ status: 'parked', tables: {}, checks: [] },
    });
  });
});
