import assert from 'node:assert/strict';
import { describeParked, temporalFlags } from '../../src/cli/answers.js';
import { shellQuote } from '../../src/cli/format.js';
import { readConfig } from '../../src/config.js';
import type { RunProgress } from '../../src/domain/progress.js';

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
      error: { type: 'CopyRejectedRows', message: 'line 7: "abc" is not a BIGINT', at: '2026-01-02T03:04:06Z' },
    },
  ],
};

describe('describeParked', () => {
  it('tells the error and the commands that answer it, ready to paste', () => {
    assert.deepEqual(describeParked(PARKED, at('127.0.0.1:7243')), [
      'Step staging_events failed (CopyRejectedRows) and waits for an answer:',
      '  line 7: "abc" is not a BIGINT',
      'Answer with one of:',
      "  npx starshift retry 'it'\\''s mine' staging_events [--max-errors N] [--exclude S3_URL]",
      "  npx starshift skip 'it'\\''s mine' staging_events",
      "  npx starshift abort 'it'\\''s mine'",
      `  temporal workflow update execute --address 127.0.0.1:7243 --workflow-id 'it'\\''s mine' --name retryStep --input '{"step":"staging_events"}'`,
      `  temporal workflow update execute --address 127.0.0.1:7243 --workflow-id 'it'\\''s mine' --name skipStep --input '{"step":"staging_events"}'`,
      `  temporal workflow update execute --address 127.0.0.1:7243 --workflow-id 'it'\\''s mine' --name abort --input '{}'`,
    ]);
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
