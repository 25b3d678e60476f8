import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalError, TransientError } from '../../../src/adapters/errors.js';
import { runNotifyCommand } from '../../../src/adapters/notification/run-notify-command.js';

const DOCUMENT = JSON.stringify({ event: 'parked', text: 'zwölf 🎵' });

describe('runNotifyCommand', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starshift-notify-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = (argv: readonly [string, ...string[]], change: { signal?: AbortSignal; withinMs?: number } = {}) =>
    runNotifyCommand({
      command: { argv, environment: { PATH: process.env.PATH ?? '', OUT: join(folder, 'out') } },
      document: DOCUMENT,
      signal: new AbortController().signal,
      ...change,
    });

  /** A program of its own, with arguments that a shell would take apart. */
  async function program(text: string): Promise<string> {
    const path = join(folder, `notify ${Math.random()}`);
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('gives the program the document on its standard input, and its arguments as they are', async () => {
    const path = await program('cat > "$OUT"; printf "%s|" "$@" >> "$OUT"; echo "paged two" >&2');
    assert.deepEqual(await run([path, 'a b', '$HOME; rm']), { exitCode: 0, stderr: 'paged two' });
    assert.equal(await readFile(join(folder, 'out'), 'utf8'), `${DOCUMENT}a b|$HOME; rm|`);
  });

  it('gives it no other variables than the settings say', async () => {
    await run([await program('env > "$OUT"')]);
    const names = (await readFile(join(folder, 'out'), 'utf8')).split('\n').map((line) => line.split('=')[0]);
    assert.ok(!names.includes('HOME'), names.join());
  });

  it('is content with a program that does not read its input', async () => {
    assert.equal((await run([await program('exec < /dev/null; exit 0')])).exitCode, 0);
  });

  it('tells the exit code and the end of standard error of one that fails, harmless for a log', async () => {
    const path = await program('printf "\\033[2Jno route to pager" >&2; exit 3');
    await assert.rejects(run([path]), (error) => {
      assert.ok(error instanceof TransientError);
      assert.equal(error.message, `The notification command ${path} ended with 3: \\x1b[2Jno route to pager`);
      return true;
    });
  });

  it('refuses for good when there is no such program', async () => {
    await assert.rejects(run(['/nowhere/page-me']), (error) => {
      assert.ok(error instanceof TerminalError);
      assert.equal(error.kind, 'notificationRefused');
      assert.match(
        error.message,
        /^The notification command \/nowhere\/page-me cannot be started \(ENOENT\)\. Correct STARSHIFT/,
      );
      return true;
    });
  });

  it('kills a program that takes too long, with everything that it started', async () => {
    const path = await program('sleep 600 & echo $! > "$OUT"; wait');
    await assert.rejects(run([path], { withinMs: 500 }), /did not end within 0\.5 s/);
    await gone(Number(await readFile(join(folder, 'out'), 'utf8')));
  });

  it('kills it when the attempt is cancelled, and throws the reason', async () => {
    const controller = new AbortController();
    const path = await program('echo $$ > "$OUT.started"; exec sleep 600');
    const running = run([path], { signal: controller.signal });
    running.catch(() => undefined);
    const pid = await written(join(folder, 'out.started'));
    controller.abort(new Error('cancelled'));
    await assert.rejects(running, /^Error: cancelled$/);
    await gone(pid);
  });
});

async function written(path: string): Promise<number> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(20)) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
  }
  throw new Error(`${path} was not written`);
}

async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(20)) {
    if (!isRunning(pid)) return;
  }
  throw new Error(`${pid} is still running`);
}

/** A killed child whose parent is gone may stay as a zombie for a moment, or for good without an init. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
