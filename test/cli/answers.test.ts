import assert from 'node:assert/strict';
import { describeParked, temporalFlags } from '../../src/cli/answers.js';
import { shellQuote } from '../../src/cli/format.js';
import { readConfig } from '../../src/config.js';
import type { RunProgress } from '../../src/domain/progress.js';
import { renderProgressTable } from '../../src/domain/progress-table.js';

const at = (address: string) => ({ config: readConfig({ TEMPORAL_ADDRESS: address }) });

const PARKED: RunProgress = {
  workflow: 'loadWarehouse',
  workflowId: "it's mine",
  warehouse: 'sparkify',
  cluster: 'music',
  status: 'parked',
  startedAt: '2026-01-02T03:04:05Z',
  steps: [
    {
      id: 'staging_events',
      kind: 'stage',
      title: 'COPY staging_events',
      state: 'parked',
      needs: [],
      tries: 1,
      decideBy: '2026-01-05T03:04:06Z',
      error: {
        type: 'CopyRejectedRows',
        message: 'line 7: "abc" is not a BIGINT\nFix the file.',
        at: '2026-01-02T03:04:06Z',
        files: ['s3://music/a.json'],
      },
    },
  ],
};

describe('describeParked', () => {
  it('tells the deadline, the error and the commands that answer it, ready to paste', () => {
    const id = "'it'\\''s mine'";
    const update = `temporal workflow update execute --address 127.0.0.1:7243 --workflow-id ${id} --name`;
    assert.deepEqual(describeParked(PARKED, at('127.0.0.1:7243')), [
      'Step staging_events waits for an answer until 2026-01-05 03:04:06 UTC: CopyRejectedRows at 2026-01-02 03:04:06 UTC',
      '  line 7: "abc" is not a BIGINT',
      '  Fix the file.',
      'Answer with one of:',
      '  # mend the rows in their files, then run the step again',
      `  npx starshift retry ${id} staging_events`,
      `  ${update} retryStep --input '{"step":"staging_events"}'`,
      '  # or accept up to 10 rejected rows; they go into quarantine',
      `  npx starshift retry ${id} staging_events --max-errors 10`,
      `  ${update} retryStep --input '{"step":"staging_events","maxErrors":10}'`,
      '  # or leave that file out; quarantine keeps the name',
      `  npx starshift retry ${id} staging_events --exclude s3://music/a.json`,
      `  ${update} retryStep --input '{"step":"staging_events","exclude":["s3://music/a.json"]}'`,
      '  # or go on without it and without what needs it',
      `  npx starshift skip ${id} staging_events`,
      `  ${update} skipStep --input '{"step":"staging_events"}'`,
      '  # or end the run',
      `  npx starshift abort ${id}`,
      `  ${update} abort --input '{}'`,
    ]);
  });

  it('is the same text as in the Web UI', () => {
    const details = renderProgressTable({ progress: PARKED, namespace: 'default' });
    for (const line of describeParked(PARKED, at('127.0.0.1:7233')).slice(1)) {
      if (!line.startsWith('Answer')) assert.ok(details.includes(line.trim()), line);
    }
  });

  it('sends no control character to the terminal, whatever the error of an older worker holds', () => {
    const [step] = PARKED.steps;
    const error = { type: 'SqlFailed', message: 'a\u001b[2Jb', at: '2026-01-02T03:04:06Z' };
    const lines = describeParked({ ...PARKED, steps: step === undefined ? [] : [{ ...step, error }] }, at('a:1'));
    assert.equal(lines[1], '  a\\x1b[2Jb');
  });
});

describe('temporalFlags', () => {
  it('are empty where the Temporal CLI finds the server by itself', () => {
    assert.equal(temporalFlags(at('localhost:7233')), '');
  });
});

describe('shellQuote', () => {
  it('leaves plain words alone and quotes the others', () => {
    assert.equal(shellQuote('load-1'), 'load-1');
    assert.equal(shellQuote('a b'), "'a b'");
    assert.equal(shellQuote('$HOME'), "'$HOME'");
  });
});
