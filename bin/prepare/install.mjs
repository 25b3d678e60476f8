import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PrepareError } from './prepare-error.mjs';

const STAMP = 'node_modules/.starshift-install';
const OUTPUT_TAIL_LINES = 12;

/** true when node_modules is whole and belongs to the manifests, the lock file, this platform and this Node. */
export function installIsFresh(root) {
  if (!isWhole(root)) return false;
  const fingerprint = installFingerprint(root);
  if (readOr(join(root, STAMP), '') === fingerprint) return true;
  // Somebody ran npm: what it says it installed decides.
  if (!matchesLock(root)) return false;
  writeFileSync(join(root, STAMP), fingerprint);
  return true;
}

/** Runs `npm ci`. @throws PrepareError with the end of its output and what to do */
export async function install(root) {
  const { runStep } = await import('./run-step.mjs');
  const npm = npmCommand();
  const args = [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=notice'];
  const result = await runStep({
    title: 'installing dependencies with npm ci',
    command: npm.command,
    args,
    cwd: root,
  }).catch((cause) => {
    throw new PrepareError(
      `cannot run npm (${cause.message}). It comes with Node: install Node from https://nodejs.org.`,
      { cause },
    );
  });
  if (result.code !== 0) throw new PrepareError(failure(result));
  writeFileSync(join(root, STAMP), installFingerprint(root));
  process.stderr.write(`starshift: dependencies installed in ${result.seconds} s\n`);
}

function manifests(root) {
  const workspaces = readdirSync(join(root, 'packages'), { withFileTypes: true });
  const folders = workspaces.filter((entry) => entry.isDirectory()).map((entry) => join('packages', entry.name));
  return ['.', ...folders].map((folder) => join(folder, 'package.json')).filter((path) => existsSync(join(root, path)));
}

function installFingerprint(root) {
  const hash = createHash('sha256');
  hash.update(`${process.platform} ${process.arch} ${process.versions.modules}\n`);
  for (const path of ['package-lock.json', ...manifests(root)]) {
    // Scripts and descriptions change often and need no installation.
    const content = JSON.parse(readFileSync(join(root, path), 'utf8'));
    const { dependencies, devDependencies, optionalDependencies, workspaces, packages } = content;
    hash.update(JSON.stringify({ path, dependencies, devDependencies, optionalDependencies, workspaces, packages }));
  }
  return hash.digest('hex');
}

/** Every direct dependency is there: an interrupted or hand-cleaned installation misses some. */
function isWhole(root) {
  return manifests(root).every((path) => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, path), 'utf8'));
    return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
      [root, join(root, dirname(path))].some((base) => existsSync(join(base, 'node_modules', name, 'package.json'))),
    );
  });
}

/** Compares the lock file with the copy that npm leaves in node_modules, entry by entry. */
function matchesLock(root) {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  if (installed === undefined || wanted === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || !isForThisMachine(entry)) return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true && !hasMachine(entry);
    return entry.version === found.version && existsSync(join(root, path));
  });
}

function hasMachine(entry) {
  return entry.os !== undefined || entry.cpu !== undefined;
}

function isForThisMachine(entry) {
  return (
    (entry.os?.includes(process.platform) ?? true) &&
    (entry.cpu?.includes(process.arch) ?? true) &&
    (entry.libc?.includes(cLibrary()) ?? true)
  );
}

let knownLibrary;
/** The report is the only place where Node says it, and slow to make. */
function cLibrary() {
  if (process.platform !== 'linux') return undefined;
  process.report.excludeNetwork = true;
  knownLibrary ??= process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return knownLibrary;
}

/** The npm that runs us, else the one beside this Node, else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.c?js$/.test(running) && existsSync(running)) {
    return { command: process.execPath, args: [running] };
  }
  const beside = join(dirname(process.execPath), 'npm');
  return { command: existsSync(beside) ? beside : 'npm', args: [] };
}

const ADVICE = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'The package registry cannot be reached. Check the internet connection, or name your proxy or mirror (`npm config set proxy URL`, `npm config set registry URL`), and try again.',
  ],
  [/ENOSPC/, 'The disk is full: free some space (about 1 GB is needed) and try again.'],
  [
    /EACCES|EPERM/,
    'Files may not be written: make this folder yours (for example `sudo chown -R "$USER" .`), and do not run npm with sudo.',
  ],
  [/EUSAGE|in sync/, 'package-lock.json does not fit package.json: run `npm install` and commit both.'],
  [/EBADENGINE/, 'This Node is too old for a dependency: see "engines" in package.json.'],
  [/EINTEGRITY/, 'A downloaded package does not match its checksum: run `npm cache verify` and try again.'],
  [/E401|E403/, 'The package registry refuses access: check the registry and the login in your .npmrc.'],
];

function failure({ code, output }) {
  const tail = output.split('\n').slice(-OUTPUT_TAIL_LINES).join('\n');
  const advice =
    ADVICE.find(([pattern]) => pattern.test(output))?.[1] ??
    'Run `npm ci --loglevel=notice` yourself to see all of its output.';
  return `npm ci failed (${code}):\n${tail}\n${advice}`;
}

function readJson(path) {
  const text = readOr(path, undefined);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Half a file is what an interrupted installation leaves: it counts as none.
    return undefined;
  }
}

function readOr(path, fallback) {
  return existsSync(path) ? readFileSync(path, 'utf8') : fallback;
}
