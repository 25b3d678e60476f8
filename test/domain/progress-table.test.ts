import assert from 'node:assert/strict';
import type { RunProgress, StepProgress } from '../../src/domain/progress.js';
import { renderProgressTable } from '../../src/domain/progress-table.js';

const DONE: StepProgress = {
  id: 'songs',
  kind: 'transform',
  title: 'INSERT songs <- staging_songs',
  state: 'done',
  needs: ['staging_songs'],
  tries: 1,
  rows: 384_995,
  durationMs: 1_234,
};
const PARKED: StepProgress = {
  id: 'staging_events',
  kind: 'stage',
  title: 'COPY staging_events <- s3://music/log_data (30 files)',
  state: 'parked',
  needs: [],
  tries: 2,
  durationMs: 65_000,
  error: { type: 'CopyRejectedRows', message: 'line 7, column "ts": "a|b"\nmend it', at: '2026-11-21T14:22:08.362Z' },
};

function progress(...steps: readonly StepProgress[]): RunProgress {
  return {
    workflow: 'loadWarehouse',
    workflowId: 'nightly load',
    warehouse: 'music',
    design: 'by-song',
    cluster: 'music-1',
    status: 'running',
    steps,
    startedAt: '2026-11-21T14:22:00.000Z',
  };
}

describe('renderProgressTable', () => {
  it('is a headline and a table with a row a step', () => {
    assert.equal(
      renderProgressTable({ progress: progress(DONE), namespace: 'default' }),
      [
        '**loadWarehouse** of music (design by-song) on music-1: **running**, 1 of 1 step done',
        '',
        '| State | Step | What | Rows | Time | Remark |',
        '|---|---|---|--:|--:|---|',
        '| ✅ done | `songs` | INSERT songs <- staging_songs | 384,995 | 1.2 s |  |',
      ].join('\n'),
    );
  });

  it('shows the first line of an error in one cell, as text', () => {
    const table = renderProgressTable({ progress: progress(PARKED), namespace: 'default' });
    assert.ok(table.includes('| 1 min 5 s | `line 7, column "ts": "a\\|b"` |'), table);
  });

  it('says until when a step waits, its whole error and the commands that answer it', () => {
    const step = { ...PARKED, decideBy: '2026-11-24T14:22:08.362Z' };
    const text = renderProgressTable({ progress: progress(step), namespace: 'default' });
    assert.ok(text.includes('### ✋ staging_events waits for an answer until 2026-11-24 14:22:08 UTC\n'), text);
    assert.ok(text.includes('CopyRejectedRows at 2026-11-21 14:22:08 UTC\n'), text);
    assert.ok(text.includes('```\nline 7, column "ts": "a|b"\nmend it\n```'), text);
    assert.ok(
      text.includes(
        "# or accept up to 10 rejected rows; they go into quarantine\nnpx starshift retry 'nightly load' staging_events --max-errors 10\n",
      ),
      text,
    );
  });

  it('shows what an incremental step did to its rows', () => {
    const text = renderProgressTable({
      progress: progress({ ...DONE, rows: 120, updatedRows: 20, deletedRows: 3 }),
      namespace: 'default',
    });
    assert.ok(text.includes('| 120 `+100 ~20 -3` |'), text);
  });

  it('tells the error of a failed step that the outcome does not tell', () => {
    const failed = { ...PARKED, state: 'failed' } as const;
    const text = renderProgressTable({ progress: progress(failed), namespace: 'default', outcome: 'Aborted.' });
    assert.ok(text.includes('### ❌ staging_events failed\n\n```\nline 7'), text);
    const told = `Step staging_events failed: ${PARKED.error?.message}`;
    const once = renderProgressTable({ progress: progress(failed), namespace: 'default', outcome: told });
    assert.equal(once.split('mend it').length, 2, once);
  });

  it('gives notices a line each', () => {
    const text = renderProgressTable({ progress: { ...progress(DONE), notices: ['<b>'] }, namespace: 'default' });
    assert.ok(text.includes('\n⚠️ `<b>`\n'), text);
  });

  it('gives several parked steps short commands each, and the Temporal CLI ones once', () => {
    const other: StepProgress = { ...PARKED, id: 'staging_songs' };
    const table = renderProgressTable({ progress: progress(PARKED, other), namespace: 'default' });
    for (const line of [
      "npx starshift retry 'nightly load' staging_events",
      "npx starshift retry 'nightly load' staging_songs",
      "npx starshift retry 'nightly load' staging_songs --max-errors 10",
      "npx starshift skip 'nightly load' staging_songs",
    ]) {
      assert.ok(table.split('\n').includes(line), `${line}\nis not in\n${table}`);
    }
    for (const once of ['--name abort', '"maxErrors":10', '--name skipStep']) {
      assert.equal(table.split(once).length, 2, `${once} in\n${table}`);
    }
  });

  it('lets no error end its code block', () => {
    const error = { type: 'SqlFailed', message: '```\n# not a heading', at: '2026-11-21T14:22:08.362Z' };
    const table = renderProgressTable({ progress: progress({ ...PARKED, error }), namespace: 'default' });
    assert.ok(table.includes('````\n```\n# not a heading\n````'), table);
  });

  it('says the outcome right under the headline', () => {
    const text = renderProgressTable({ progress: progress(DONE), namespace: 'default', outcome: 'Aborted.' });
    assert.equal(text.split('\n\n')[1], 'Aborted.');
  });

  it('puts what waits for a person before the table, which may be long', () => {
    const text = renderProgressTable({ progress: progress(PARKED), namespace: 'default' });
    assert.ok(text.indexOf('waits for an answer') < text.indexOf('| State |'), text);
  });
});
