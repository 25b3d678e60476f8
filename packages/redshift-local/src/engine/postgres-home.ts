import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyTree } from './copy-tree.js';
import { firstClosedFolder, type PostgresAccount, postgresAccount } from './postgres-account.js';
import { locatePostgresBinaries } from './postgres-binaries.js';
import { SetupError } from './setup-error.js';
import { claimSharedFolder, removeAbandonedFolders } from './shared-folder.js';

/** Redshift's own name for the user that owns the system (`select usename from pg_user`). */
export const SUPERUSER = 'rdsdb';

/** Where the PostgreSQL instances of one state folder live, and how they are started. */
export interface PostgresHome {
  /** Folder with bin/, lib/ and share/. */
  readonly binaries: string;
  /** Folder that holds one data folder for each cluster, snapshot and template. */
  readonly dataRoot: string;
  /** Set when PostgreSQL runs as another account than this process. */
  readonly account: PostgresAccount | undefined;
  readonly superuser: { readonly user: string; readonly password: string };
}

/** What `openPostgresHome` needs. */
export interface PostgresHomeOptions {
  readonly stateDir: string;
  /** The account to use when this process is root. @default 'postgres' */
  readonly runAs?: string;
  log(line: string): void;
}

/**
 * Finds the binaries and a data folder that the account running PostgreSQL can reach, and the superuser's password.
 * When the state folder or the checkout lies below a folder closed to that account, data and a copy of the
 * binaries go to a folder of their own below /var/tmp. Idempotent. Throws SetupError.
 */
export async function openPostgresHome(options: PostgresHomeOptions): Promise<PostgresHome> {
  const account = postgresAccount(options.runAs ?? 'postgres');
  const superuser = {
    user: SUPERUSER,
    password: readOrCreateSecret(path.join(options.stateDir, 'superuser-password')),
  };
  const installed = locatePostgresBinaries();
  const ownData = path.join(options.stateDir, 'data');
  if (account === undefined) {
    mkdirSync(ownData, { recursive: true, mode: 0o700 });
    return { binaries: installed, dataRoot: ownData, account, superuser };
  }
  const closedData = firstClosedFolder(options.stateDir, account);
  const closedBinaries = firstClosedFolder(path.join(installed, 'bin'), account);
  removeAbandonedFolders();
  let shared = '';
  if (closedData !== undefined || closedBinaries !== undefined) {
    shared = claimSharedFolder(options.stateDir, readOrCreateSecret(path.join(options.stateDir, 'instance')));
    options.log(
      `PostgreSQL runs as "${account.name}", which cannot enter ${closedData ?? closedBinaries}: using ${shared} ` +
        `for ${[closedData && 'the data', closedBinaries && 'a copy of its programs'].filter(Boolean).join(' and ')}.`,
    );
  }
  const dataRoot = closedData === undefined ? ownData : path.join(shared, 'data');
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  chmodSync(dataRoot, 0o711);
  const binaries = closedBinaries === undefined ? installed : await copyBinaries(installed, shared);
  return { binaries, dataRoot, account, superuser };
}

/** Creates an empty folder, 0700, owned by the account PostgreSQL runs as. */
export function makeOwnedFolder(folder: string, account: PostgresAccount | undefined): void {
  mkdirSync(folder, { mode: 0o700 });
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
}

/** Reads a secret of the state folder, making a random one, readable by its owner only, the first time. Throws SetupError when it is empty. */
export function readOrCreateSecret(file: string): string {
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept !== '') return kept;
    throw new SetupError(
      `${file} is empty, and the data cannot be opened without what it held. Restore it, or move the state folder away.`,
    );
  }
  const secret = randomBytes(24).toString('base64url');
  writeFileSync(`${file}.writing`, `${secret}\n`, { mode: 0o600 });
  renameSync(`${file}.writing`, file);
  return secret;
}

async function copyBinaries(installed: string, shared: string): Promise<string> {
  const version = (JSON.parse(readFileSync(path.join(installed, '..', 'package.json'), 'utf8')) as { version: string })
    .version;
  const target = path.join(shared, `postgresql-${version}`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.copying`;
  rmSync(unfinished, { recursive: true, force: true });
  await copyTree(installed, unfinished, undefined);
  renameSync(unfinished, target);
  return target;
}
