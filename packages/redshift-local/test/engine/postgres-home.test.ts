import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstClosedFolder, postgresAccount } from '../../src/engine/postgres-account.js';
import { openPostgresHome } from '../../src/engine/postgres-home.js';
import { removeAbandonedFolders } from '../../src/engine/shared-folder.js';

const isRoot = process.getuid?.() === 0;

describe('where PostgreSQL lives', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'redshift-local-home-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds the folder that another account may not enter', () => {
    const account = { name: 'somebody', uid: 54321, gid: 54321 };
    chmodSync(folder, 0o711);
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    assert.equal(firstClosedFolder(path.join(closed, 'state'), account), closed);
    chmodSync(closed, 0o711);
    assert.equal(firstClosedFolder(path.join(closed, 'state'), account), undefined);
  });

  it('uses the state folder, and another place only when PostgreSQL could not enter it', async function () {
    if (!isRoot) this.skip();
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const closed = await openPostgresHome({ stateDir: folder, log });
    try {
      assert.match(closed.dataRoot, /^\/var\/tmp\/redshift-local-[0-9a-f]{16}\/data$/);
      assert.match(lines.join(), /runs as "postgres", which cannot enter .*: using \/var\/tmp\/redshift-local-/);
      assert.equal(statSync(path.dirname(closed.dataRoot)).mode & 0o777, 0o711);
    } finally {
      rmSync(path.dirname(closed.dataRoot), { recursive: true, force: true });
    }
    chmodSync(folder, 0o711);
    assert.equal((await openPostgresHome({ stateDir: folder, log })).dataRoot, path.join(folder, 'data'));
  });

  it('forgets the data of a state folder that was removed, whether it is made anew or not', async function () {
    if (!isRoot) this.skip();
    const stateDir = path.join(folder, 'state');
    const open = async (): Promise<string> => {
      mkdirSync(stateDir);
      return path.dirname((await openPostgresHome({ stateDir, log: () => {} })).dataRoot);
    };
    const first = await open();
    rmSync(stateDir, { recursive: true });
    const second = await open();
    assert.notEqual(second, first);
    assert.deepEqual([existsSync(first), existsSync(second)], [false, true]);
    rmSync(stateDir, { recursive: true });
    removeAbandonedFolders();
    assert.equal(existsSync(second), false);
  });

  it('says what to do when root has no account to run it as', function () {
    if (!isRoot) this.skip();
    assert.throws(() => postgresAccount('no-such-account'), {
      name: 'SetupError',
      message: /no account "no-such-account".*useradd --system no-such-account.*REDSHIFT_LOCAL_RUN_AS/,
    });
  });
});
