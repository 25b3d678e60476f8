import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnStackEvent } from '../../src/local-stack/stack-event.js';
import { type LocalStack, startLocalStack } from '../../src/local-stack/start-local-stack.js';

/** Servers a test needs; what is left out stays down. */
export interface TestStackParts {
  readonly temporal?: boolean;
  readonly s3?: boolean;
  readonly redshift?: boolean;
}

/** How long bringing the servers may take when they have to be built first; for `this.timeout()` of a `before` hook. */
export const STACK_START_TIMEOUT_MS = 600_000;

const STACK_STOP_TIMEOUT_MS = 60_000;
const REPORT_EVERY_MS = 10_000;
const ANY_PORTS = { temporal: 0, ui: 0, s3: 0, controlPlane: 0, redshift: 0 };

interface StartedStack {
  readonly parts: Required<TestStackParts>;
  readonly stack: Promise<LocalStack>;
}

const stacks = new Set<StartedStack>();
const folders: string[] = [];

/**
 * A stack of real servers for the tests of this mocha process, on free ports and in a scratch folder, started at the first call and
 * stopped after the last test; a later call that wants no more than a started one has is given that one. The servers' programs come
 * from the user's ordinary cache.
 *
 *     before(async function () {
 *       this.timeout(STACK_START_TIMEOUT_MS);
 *       stack = await getTestStack({ temporal: true, s3: true, redshift: false });
 *     });
 *
 * @param parts the servers a test needs; all three by default
 */
export function getTestStack(parts: TestStackParts = {}): Promise<LocalStack> {
  const wanted = { temporal: parts.temporal ?? true, s3: parts.s3 ?? true, redshift: parts.redshift ?? true };
  for (const started of stacks) if (covers(started.parts, wanted)) return started.stack;
  const started = { parts: wanted, stack: start(wanted) };
  stacks.add(started);
  // A failed start is told to whoever waits for it; the next caller tries again.
  started.stack.catch(() => stacks.delete(started));
  return started.stack;
}

function covers(has: Required<TestStackParts>, wants: Required<TestStackParts>): boolean {
  return (has.temporal || !wants.temporal) && (has.s3 || !wants.s3) && (has.redshift || !wants.redshift);
}

async function start(parts: Required<TestStackParts>): Promise<LocalStack> {
  const folder = await mkdtemp(join(tmpdir(), 'starshift-test-'));
  folders.push(folder);
  return startLocalStack({
    stateDir: join(folder, 'state'),
    environment: { ...process.env, TEMPORAL_ADDRESS: undefined },
    ports: ANY_PORTS,
    parts,
    onProgress: reportSlowWork(),
  });
}

/** Building the servers takes minutes: a line now and then says so, and nothing is said when they are there. */
function reportSlowWork(): OnStackEvent {
  let nextAt = performance.now() + REPORT_EVERY_MS;
  return ({ message, ongoing }) => {
    if (!ongoing || performance.now() < nextAt) return;
    nextAt = performance.now() + REPORT_EVERY_MS;
    process.stderr.write(`  ${message}\n`);
  };
}

async function stopTestStacks(): Promise<void> {
  const running = await Promise.allSettled([...stacks].map(({ stack }) => stack));
  stacks.clear();
  for (const stack of running) if (stack.status === 'fulfilled') await stack.value.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

// Test files import this module while mocha loads them, which makes this a hook of the root suite.
after('stops the test stacks', async function () {
  this.timeout(STACK_STOP_TIMEOUT_MS);
  await stopTestStacks();
});
