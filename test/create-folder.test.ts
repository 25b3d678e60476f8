import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolder } from '../src/create-folder.js';

describe('createFolder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starshift-folder-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

  it('creates every level with the modes it is given, and leaves what is there', async () => {
    const path = join(folder, 'a/b');
    await createFolder(path, { mode: 0o700, parents: 0o711 });
    assert.deepEqual([await mode(path), await mode(join(folder, 'a'))], ['700', '711']);
    await createFolder(path, { mode: 0o755 });
    assert.equal(await mode(path), '700');
  });

  it('serves two callers at once', async () => {
    await Promise.all([createFolder(join(folder, 'x/y')), createFolder(join(folder, 'x/z'))]);
    assert.ok((await stat(join(folder, 'x/z'))).isDirectory());
  });

  it('refuses a path through a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(createFolder(join(folder, 'file')), { code: 'EEXIST' });
    await assert.rejects(createFolder(join(folder, 'file/below')), /EEXIST|ENOTDIR/);
  });

  it('ends where nothing can be created', async function () {
    if (process.platform !== 'linux') return this.skip();
    await assert.rejects(createFolder('/proc/nope/below'), { code: 'ENOENT' });
  });
});
