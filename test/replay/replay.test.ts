import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { WORKFLOWS } from '../../src/domain/names.js';
import { quietRuntime, workflowBundle } from '../workflows/test-runs.js';

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));

describe('Recorded histories', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  const read = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8')) as HistoryJson;

  before(async function () {
    this.timeout(60_000);
    quietRuntime();
    await workflowBundle();
  });

  it('cover every workflow', () => {
    const types = names.map((name) => workflowType(read(name)));
    assert.deepEqual([...new Set(types)].sort(), [...WORKFLOWS].sort());
  });

  it('show limited attempts and a time limit on every activity', () => {
    const scheduled = names
      .flatMap((name) => read(name).events)
      .flatMap((event) => (event.activityTaskScheduledEventAttributes as ScheduledAttributes | undefined) ?? []);
    const kinds = new Set(scheduled.map(({ activityType }) => activityType.name));
    for (const kind of ['claimTables', 'copyBatch', 'deleteLoadRole', 'notify']) assert.ok(kinds.has(kind), kind);
    for (const { activityType, retryPolicy, startToCloseTimeout, heartbeatTimeout } of scheduled) {
      // Every attempt beats each second: a worker that dies is noticed within seconds, and a busy machine has them to spare.
      assert.match(heartbeatTimeout, /^1[05]s$/, activityType.name);
      assert.ok(retryPolicy.maximumAttempts >= 3 && retryPolicy.maximumAttempts <= 100, activityType.name);
      assert.match(startToCloseTimeout, /^[1-9]\d*s$/, activityType.name);
    }
  });

  it('replay on the workflows as they are now', async () => {
    const histories = names.map((name) => ({ workflowId: name, history: historyFromJSON(read(name)) }));
    const failed: string[] = [];
    const options = { workflowBundle: await workflowBundle() };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
    }
    assert.deepEqual(failed, []);
  });

  it('do not replay on other workflows', async () => {
    const history = read('load-warehouse.json');
    const swapped = JSON.parse(JSON.stringify(history).replaceAll('"copyBatch"', '"copyFile"')) as HistoryJson;
    const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, historyFromJSON(swapped));
    await assert.rejects(replay, { name: 'DeterminismViolationError' });
  });
});

function workflowType(history: HistoryJson): string | undefined {
  const started = history.events[0]?.workflowExecutionStartedEventAttributes as StartedAttributes | undefined;
  return started?.workflowType.name;
}

/** A history in the JSON that `temporal workflow show --output json` prints and the Web UI downloads. */
interface HistoryJson {
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

interface ScheduledAttributes {
  readonly activityType: { readonly name: string };
  readonly retryPolicy: { readonly maximumAttempts: number };
  readonly startToCloseTimeout: string;
  readonly heartbeatTimeout: string;
}

interface StartedAttributes {
  readonly workflowType: { readonly name: string };
}
