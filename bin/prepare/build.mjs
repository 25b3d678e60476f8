import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrepareError } from './prepare-error.mjs';

const STAMP = 'dist/.starshift-build';
const BUNDLE_STAMP = 'dist/.starshift-bundle';
const BUNDLE = 'dist/workflow-bundle.js';
/** The sandboxed code: workflows import the domain and nothing else of ours. */
const BUNDLED_FOLDERS = ['dist/workflows', 'dist/domain'];

/** true when every output is there and no source changed since it was made. */
export function buildIsFresh(root) {
  const outputs = [
    'dist/cli.js',
    'dist/worker.js',
    BUNDLE,
    ...workspaceSources(root).map((folder) => join(folder, '../dist')),
  ];
  if (!outputs.every((path) => existsSync(join(root, path)))) return false;
  const stamp = join(root, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceFingerprint(root);
}

/** Compiles, then bundles the workflows. @throws PrepareError with the compiler's messages */
export async function runBuild(root, { force }) {
  const { runStep } = await import('./run-step.mjs');
  const fingerprint = sourceFingerprint(root);
  rmSync(join(root, STAMP), { force: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-b', ...(force || !isBuilt(root) ? ['--force'] : [])];
  const compiled = await runStep({ title: 'compiling', command: process.execPath, args, cwd: root });
  if (compiled.code !== 0) throw new PrepareError(`the sources do not compile:\n${compiled.output}`);
  await bundle(root, { force, runStep });
  writeFileSync(join(root, STAMP), fingerprint);
  process.stderr.write(`starshift: built in ${compiled.seconds} s\n`);
}

async function bundle(root, { force, runStep }) {
  const fingerprint = contentFingerprint(root, BUNDLED_FOLDERS);
  const stamp = join(root, BUNDLE_STAMP);
  const isFresh = existsSync(join(root, BUNDLE)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;
  if (isFresh && !force) return;
  const args = [join(root, 'bin/bundle-workflows.mjs')];
  const result = await runStep({ title: 'bundling the workflows', command: process.execPath, args, cwd: root });
  if (result.code !== 0) throw new PrepareError(`the workflows cannot be bundled:\n${result.output}`);
  writeFileSync(stamp, fingerprint);
}

/** An incremental build trusts its own record; without outputs it has to be told to make them. */
function isBuilt(root) {
  return existsSync(join(root, 'dist/cli.js')) && existsSync(join(root, 'dist/worker.js'));
}

function workspaceSources(root) {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return packages
    .map((entry) => join('packages', entry.name, 'src'))
    .filter((folder) => existsSync(join(root, folder)));
}

/** Names, sizes and times are enough: they are compared with those of the last build on this machine only. */
function sourceFingerprint(root) {
  const hash = createHash('sha256');
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'bin/bundle-workflows.mjs'];
  const sources = ['src', ...workspaceSources(root)].flatMap((folder) => filesUnder(root, folder));
  for (const path of [...settings, ...sources]) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function contentFingerprint(root, folders) {
  const hash = createHash('sha256');
  const temporal = JSON.parse(readFileSync(join(root, 'node_modules/@temporalio/worker/package.json'), 'utf8')).version;
  hash.update(`${temporal}\n`);
  for (const path of folders.flatMap((folder) => filesUnder(root, folder)).filter((name) => name.endsWith('.js'))) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function filesUnder(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    .sort();
}
