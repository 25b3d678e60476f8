import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStackError } from '../../src/local-stack/local-stack-error.js';
import { prepareStateDirectory } from '../../src/local-stack/state-directory.js';

describe('prepareStateDirectory', () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = join(await mkdtemp(join(tmpdir(), 'starshift-state-')), 'state');
  });
  afterEach(() => rm(join(stateDir, '..'), { recursive: true, force: true }));

  const modes = async (names: readonly string[]) =>
    Promise.all(names.map(async (name) => ((await stat(join(stateDir, name))).mode & 0o777).toString(8)));

  it('keeps histories, objects and logs to their owner; PostgreSQL may pass to its data', async () => {
    await prepareStateDirectory(stateDir);
    assert.deepEqual(await modes(['temporal', 's3', 'logs']), ['700', '700', '700']);
    assert.deepEqual(await modes(['.', 'redshift']), ['711', '711']);
  });

  it('closes folders that an earlier version left open', async () => {
    await mkdir(join(stateDir, 'temporal'), { recursive: true, mode: 0o755 });
    await prepareStateDirectory(stateDir);
    assert.deepEqual(await modes(['temporal']), ['700']);
  });

  it('names the setting where the folder cannot be created', async function () {
    if (process.platform !== 'linux') return this.skip();
    await assert.rejects(prepareStateDirectory('/proc/nope'), (error: unknown) => {
      assert.ok(error instanceof LocalStackError);
      assert.match(error.message, /^The state folder \/proc\/nope cannot be used: .*STARSHIFT_STATE_DIR\.$/);
      return true;
    });
  });
});
