import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PROJECT_ROOT } from '../../src/config.js';
import { type Running, startProgram } from '../e2e/support/run-program.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { documents, extractCommands, shellCommands } from './shell-commands.js';

const COMMANDS = documents().flatMap(shellCommands);

/** Commands that stay up: started, awaited until they say this, and stopped at the end. */
const SERVICES: Readonly<Record<string, { readonly run: string; readonly ready: RegExp }>> = {
  'npm start': {
    run: `npm start -- --no-exit ${['temporal', 'ui', 's3', 'control', 'redshift'].map((part) => `--${part}-port 0`).join(' ')}`,
    ready: /Everything stays up until Ctrl-C/,
  },
};

/** The servers may have to be downloaded or built first. */
const SERVICE_READY_WITHIN_MS = 480_000;

/** Commands that a test of theirs cannot run, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm test': 'this very run',
  'npm run check': 'run by .ci/run beside the tests',
  'npm run format': 'changes the sources',
  'npm run bench': 'takes minutes and wants the machine for itself',
  'npm run faults -- --runs 1 --seed 1 --class dropAfterCommit': 'a selection of faults is run by test/faults',
  'npm run screenshots': 'needs a browser',
};

/** A person answers when the step waits; so does the test. */
const ANSWERS = /workflow update execute --workflow-id (\S+)|starshift (?:retry|skip|abort) (\S+)/;

/** Looks at runs that wait or have failed, which is what the exit code says. */
const EXITS_WITH_1: Readonly<Record<string, 'parked' | 'aborted'>> = {
  'npx starshift status load-2': 'parked',
  'npx starshift status load-3': 'parked',
  'npx starshift status load-4': 'aborted',
};

describe('the commands in the documents', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let stateDir: string;
  let sourced: string | undefined;
  const services = new Map<string, Running>();

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-docs-'));
  });

  after(async () => {
    for (const service of services.values()) {
      service.signal('SIGINT');
      await service.finished;
    }
    await rm(stateDir, { recursive: true, force: true });
  });

  const bash = (script: string): Running =>
    startProgram({
      command: 'bash',
      args: ['-c', sourced === undefined ? script : `source ${sourced} && ${script}`],
      environment: { ...process.env, TEMPORAL_ADDRESS: '', STARSHIFT_STATE_DIR: stateDir },
    });

  const until = async (workflowId: string, status: string) => {
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      const { stdout } = await bash(`temporal workflow query --workflow-id ${workflowId} --type progress`).finished;
      if (stdout.includes(`"status":"${status}"`)) return;
      await delay(200);
    }
    throw new Error(`${workflowId} never was ${status}`);
  };

  const runService = async (service: { readonly run: string; readonly ready: RegExp }) => {
    // What one document has started, the next one finds running.
    if (services.has(service.run)) return;
    const running = bash(`exec ${service.run}`);
    services.set(service.run, running);
    let hasEnded = false;
    void running.finished.then(() => {
      hasEnded = true;
    });
    const deadline = Date.now() + SERVICE_READY_WITHIN_MS;
    while (!service.ready.test(running.output()) && !hasEnded && Date.now() < deadline) await delay(100);
    assert.match(running.output(), service.ready);
  };

  for (const { file, line, text } of COMMANDS) {
    const excuse = NOT_RUN[text];
    if (excuse !== undefined) continue;
    it(`${file}:${line} ${text.slice(0, 100)}`, async () => {
      const service = SERVICES[text];
      if (service !== undefined) return runService(service);
      if (text.startsWith('source .starshift/')) {
        sourced = text.replace('source .starshift/', `${stateDir}/`);
        return assert.ok(existsSync(sourced), `${sourced} is not there`);
      }
      const answers = ANSWERS.exec(text);
      if (answers !== null) await until(answers[1] ?? answers[2] ?? '', 'parked');
      const status = EXITS_WITH_1[text];
      if (status !== undefined) await until(text.split(' ').at(-1) ?? '', status);
      const { code, stdout, stderr } = await bash(text).finished;
      assert.equal(code, status === undefined ? 0 : 1, `${stdout}${stderr}`);
    });
  }

  it('are found in every document, and no exception is left over', () => {
    const texts = new Set(COMMANDS.map(({ text }) => text));
    assert.ok(texts.size > 20);
    for (const text of [NOT_RUN, SERVICES, EXITS_WITH_1].flatMap(Object.keys)) assert.ok(texts.has(text), text);
  });
});

describe('the documents', () => {
  for (const file of documents()) {
    it(`${file} links to what is there`, () => {
      const text = readFileSync(join(PROJECT_ROOT, file), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
      const local = links.filter((link) => !/^[a-z]+:/.test(link));
      const broken = local.filter((link) => !existsSync(join(PROJECT_ROOT, normalize(join(dirname(file), link)))));
      assert.deepEqual(broken, []);
    });

    it(`${file} links to headings that are there`, () => {
      const text = readFileSync(join(PROJECT_ROOT, file), 'utf8');
      const links = [...text.matchAll(/\]\((?<to>[^):\s]*)#(?<anchor>[^)\s]+)\)/g)].map(({ groups }) => groups);
      const broken = links.filter(
        (link) => !anchors(link?.to ? join(dirname(file), link.to) : file).has(link?.anchor ?? ''),
      );
      assert.deepEqual(broken, []);
    });
  }
});

/** Of a document's headings, as GitHub makes them. */
function anchors(file: string): ReadonlySet<string> {
  const headings = readFileSync(join(PROJECT_ROOT, file), 'utf8').matchAll(/^#+ (?<text>.+)$/gm);
  return new Set(
    [...headings].map(({ groups }) =>
      (groups?.text ?? '')
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('extractCommands', () => {
  it('reads sh blocks only, without comments, joining continued lines', () => {
    const fence = '```';
    const markdown = `${fence}sh\n# why\none \\\n  two\n\nthree\n${fence}\n${fence}text\nfour\n${fence}\n`;
    assert.deepEqual(extractCommands(markdown), [
      { line: 3, text: 'one two' },
      { line: 6, text: 'three' },
    ]);
  });
});
