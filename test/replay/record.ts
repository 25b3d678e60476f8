import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { TestRuns } from '../workflows/test-runs.js';
import { SCENARIOS } from './scenarios.js';

// Records the histories that replay.test.ts replays. A changed workflow keeps the old histories, which prove that running runs survive the
// change, and records new ones under new names:
//   npx mocha --no-config --node-option import=tsx --timeout 120000 test/replay/record.ts
// Existing files are kept; delete one to record it anew.
// The SDK's conversion to JSON needs one copy of protobufjs (else: "type must be a Type"): that is what the root devDependency is for.

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));

describe('Recording', () => {
  let searchable: TestRuns;
  let plain: TestRuns;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    await mkdir(FOLDER, { recursive: true });
    searchable = await TestRuns.begin();
    plain = await TestRuns.begin({ searchAttributes: false });
  });
  after(async () => {
    await searchable?.end();
    await plain?.end();
  });

  const all = [
    ...SCENARIOS.map((scenario) => ({ ...scenario, runs: () => searchable })),
    ...SCENARIOS.filter(({ name }) => name === 'load-warehouse').map((scenario) => ({
      ...scenario,
      name: `${scenario.name}-without-search-attributes`,
      runs: () => plain,
    })),
  ];
  for (const { name, activities, play, runs } of all) {
    it(`records ${name}`, async () => {
      runs().activities.reset(activities);
      const { handle } = await play(runs());
      await handle.result().catch(() => undefined);
      const history = historyText(await handle.fetchHistory());
      await writeFile(`${FOLDER}${name}.json`, history, { flag: 'wx' }).catch(keepExisting);
    });
  }
});

/** Without stack traces: they name the folders of the machine that recorded them. */
function historyText(history: History): string {
  const json = JSON.parse(historyToJSON(history), (key, value) => (key === 'stackTrace' ? undefined : value));
  return `${JSON.stringify(json, null, 1)}\n`;
}

function keepExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
