import assert from 'node:assert/strict';
import type { RunProgress, StepProgress } from '../../src/domain/progress.js';
import { formatDuration } from '../../src/domain/duration.js';
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

  it('keeps an error of several lines with bars in one cell', () => {
    const table = renderProgressTable({ progress: progress(PARKED), namespace: 'default' });
    assert.ok(table.includes('| 1 min 5 s | line 7, column "ts": "a\\|b"<br>mend it |'), table);
  });

  it('gives a parked COPY the commands that answer it, quoted for the shell', () => {
    const table = renderProgressTable({ progress: progress(PARKED), namespace: 'prod' });
    const update = "temporal workflow update execute --namespace prod --workflow-id 'nightly load' --name";
    for (const line of [
      "npx starshift retry 'nightly load' staging_events",
      `${update} retryStep --input '{"step":"staging_events"}'`,
      `${update} retryStep --input '{"step":"staging_events","maxErrors":10}'`,
      `${update} skipStep --input '{"step":"staging_events"}'`,
      `${update} abort --input '{"reason":"..."}'`,
    ]) {
      assert.ok(table.split('\n').includes(line), `${line}\nis not in\n${table}`);
    }
  });

  it('offers no maxErrors to a parked INSERT, and no skip to a parked provisioning', () => {
    const render = (step: StepProgress) => renderProgressTable({ progress: progress(step), namespace: 'default' });
    assert.doesNotMatch(render({ ...PARKED, kind: 'transform' }), /maxErrors/);
    assert.doesNotMatch(render({ ...PARKED, kind: 'provision' }), /skip/);
  });

  it('names the file that failed in the command that leaves it out', () => {
    const file = 's3://music/log_data/2018-11-12-events.json';
    const error = { type: 'CopyRejectedRows', message: 'line 7', at: '2026-11-21T14:22:08.362Z', file };
    const table = renderProgressTable({ progress: progress({ ...PARKED, error }), namespace: 'default' });
    assert.ok(table.includes(`--input '{"step":"staging_events","exclude":["${file}"]}'`), table);
  });

  it('offers a COPY that a refused login failed neither maxErrors nor exclude', () => {
    const error = { type: 'AuthenticationFailed', message: 'no', at: '2026-11-21T14:22:08.362Z' };
    const table = renderProgressTable({ progress: progress({ ...PARKED, error }), namespace: 'default' });
    assert.doesNotMatch(table, /maxErrors|exclude/);
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
    for (const once of ['npx starshift abort', '--name abort', '"maxErrors":10', '--name skipStep']) {
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

describe('formatDuration', () => {
  for (const [durationMs, text] of [
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [3_599_000, '59 min 59 s'],
    [7_800_000, '2 h 10 min'],
  ] as const) {
    it(`writes ${durationMs} ms as ${text}`, () => assert.equal(formatDuration(durationMs), text));
  }
});
