import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../fixtures/stops-when-told.ts', import.meta.url));

describe('stopSignal', () => {
  let child: ChildProcessWithoutNullStreams;
  let output: string;

  beforeEach(async () => {
    child = spawn(process.execPath, ['--import', 'tsx', PROGRAM]);
    output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await printed('ready');
  });
  afterEach(() => child.kill('SIGKILL'));

  const printed = async (word: string) => {
    const deadline = Date.now() + 20_000;
    while (!output.includes(word)) {
      assert.ok(Date.now() < deadline, `no "${word}" in: ${output}`);
      await delay(20);
    }
  };

  it('takes the Ctrl-C that npm passes on for the one that the terminal sent', async () => {
    child.kill('SIGINT');
    await printed('stopping');
    child.kill('SIGINT');
    child.stdin.end();
    const [code] = await once(child, 'exit');
    assert.deepEqual({ code, output }, { code: 0, output: 'ready\nstopping\nstopped\n' });
  });

  it('ends at once at a second Ctrl-C of a person', async () => {
    child.kill('SIGINT');
    await printed('stopping');
    const exit = once(child, 'exit');
    // The echo of npm comes within a second; a person's second Ctrl-C counts after it.
    const again = setInterval(() => child.kill('SIGINT'), 200);
    const [code] = await exit;
    clearInterval(again);
    assert.deepEqual({ code, output }, { code: 130, output: 'ready\nstopping\n' });
  });
});
