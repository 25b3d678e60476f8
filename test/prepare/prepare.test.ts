import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { anyFreePort } from '../../src/local-stack/ports.js';

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url));
const run = promisify(execFile);

describe('bin/prepare.mjs', () => {
  let root: string;

  beforeEach(async () => {
    root = `${await mkdtemp(join(tmpdir(), 'starshift-prepare-'))}/`;
    await cp(BIN, join(root, 'bin'), { recursive: true });
    await mkdir(join(root, 'packages/leaf'), { recursive: true });
    await writeManifest({});
    await write('packages/leaf/package.json', { name: 'leaf', version: '1.0.0' });
    await write('package-lock.json', {
      name: 'tree',
      lockfileVersion: 3,
      packages: {
        '': { name: 'tree', workspaces: ['packages/*'] },
        'node_modules/leaf': { resolved: 'packages/leaf', link: true },
        'packages/leaf': { version: '1.0.0' },
      },
    });
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = (path: string, content: unknown) => writeFile(join(root, path), JSON.stringify(content));
  const writeManifest = (more: object) =>
    write('package.json', {
      name: 'tree',
      private: true,
      workspaces: ['packages/*'],
      engines: { node: '>=20.19' },
      ...more,
    });
  const call = (code: string, environment: NodeJS.ProcessEnv = {}) => {
    const script = `const root = ${JSON.stringify(root)}; ${code}`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
  };
  const isFresh = () => {
    const { stdout, stderr } = call(
      "const { installIsFresh } = await import(root + 'bin/prepare/install.mjs'); console.log(installIsFresh(root));",
    );
    assert.equal(stderr, '');
    return stdout.trim();
  };
  const install = (environment?: NodeJS.ProcessEnv) =>
    call("const { install } = await import(root + 'bin/prepare/install.mjs'); await install(root);", environment);

  it('installs what is missing once, and again when manifests change or packages are gone', async function () {
    this.timeout(120_000);
    assert.equal(isFresh(), 'false');
    const first = install();
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /installing dependencies with npm ci/);
    assert.equal(first.stdout, '');
    assert.equal(isFresh(), 'true');
    await writeManifest({ description: 'needs no installation' });
    assert.equal(isFresh(), 'true');
    await writeManifest({ dependencies: { leaf: '1.0.0' } });
    await rm(join(root, 'node_modules/leaf'), { recursive: true });
    assert.equal(isFresh(), 'false');
  });

  it('says what to do when the registry cannot be reached', async function () {
    this.timeout(120_000);
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
    lock.packages[''].dependencies = { absent: '1.0.0' };
    lock.packages['node_modules/absent'] = { version: '1.0.0', integrity: 'sha512-AAAA' };
    await write('package-lock.json', lock);
    await writeManifest({ dependencies: { absent: '1.0.0' } });
    const port = await anyFreePort();
    const { status, stderr } = install({
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_fetch_retries: '0',
      npm_config_cache: join(root, 'cache'),
    });
    assert.notEqual(status, 0);
    assert.match(stderr, /npm ci failed \(\d+\):/);
    assert.match(stderr, /The package registry cannot be reached\. Check the internet connection/);
  });

  it('names the Node that is too old and the one that is needed', async () => {
    await writeManifest({ engines: { node: '>=999.1' } });
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, 'bin/prepare.mjs')], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      new RegExp(
        `^starshift: Node ${process.versions.node.replaceAll('.', '\\.')} is too old; 999\\.1 or newer is needed\\.`,
      ),
    );
  });

  it('lets one process prepare at a time, and takes over from one that died', async () => {
    await mkdir(join(root, '.starshift'));
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(join(root, '.starshift/prepare.lock'), String(pid));
    const script = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      const { withLock } = await import(${JSON.stringify(join(root, 'bin/prepare/lock.mjs'))});
      await withLock(${JSON.stringify(join(root, '.starshift'))}, async () => {
        appendFileSync('log', 'in ');
        await setTimeout(20);
        appendFileSync('log', 'out ');
      });`;
    await Promise.all([1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '-e', script], { cwd: root })));
    assert.equal(await readFile(join(root, 'log'), 'utf8'), 'in out in out in out ');
  });
});
