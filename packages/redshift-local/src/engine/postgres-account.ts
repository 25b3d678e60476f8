import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from './setup-error.js';

/** The operating-system account PostgreSQL runs as when this process is root, which PostgreSQL refuses to be. */
export interface PostgresAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to run PostgreSQL as: undefined (our own) unless this process is root.
 * Throws SetupError when root and the named account does not exist.
 */
export function postgresAccount(name: string): PostgresAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
  const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
  if (!Number.isInteger(uid) || !Number.isInteger(gid) || uid === 0) {
    throw new SetupError(
      `PostgreSQL does not run as root, and there is no account "${name}" to run it as. ` +
        `Start redshift-local as an ordinary user, or create the account (useradd --system ${name}), ` +
        'or name another one with REDSHIFT_LOCAL_RUN_AS.',
    );
  }
  return { name, uid, gid };
}

/** The first folder on the way to `target` that the account may not enter; undefined when it can reach the target. */
export function firstClosedFolder(target: string, account: PostgresAccount): string | undefined {
  const folders: string[] = [];
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    folders.unshift(folder);
    if (folder === path.dirname(folder)) break;
  }
  return folders.find((folder) => !mayEnter(folder, account));
}

function mayEnter(folder: string, account: PostgresAccount): boolean {
  const info = statSync(folder, { throwIfNoEntry: false });
  // What does not exist yet is created by us, with the right mode.
  if (info === undefined || !info.isDirectory()) return true;
  if (info.uid === account.uid) return (info.mode & 0o100) !== 0;
  if (info.gid === account.gid) return (info.mode & 0o010) !== 0;
  return (info.mode & 0o001) !== 0;
}
