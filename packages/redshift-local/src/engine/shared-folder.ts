import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SetupError } from './setup-error.js';

/** Open to every account, and survives a reboot, unlike /tmp. */
const SHARED_ROOT = '/var/tmp';
const PREFIX = 'redshift-local-';
/** Names the state folder that the data belongs to. */
const OWNER_FILE = 'owner.json';

/**
 * The folder below /var/tmp for what PostgreSQL could not reach in the state folder. `instance` is a secret of the state folder:
 * one that was removed and made anew does not meet the data of its predecessor. Throws SetupError when somebody else owns it.
 */
export function claimSharedFolder(stateDir: string, instance: string): string {
  const folder = path.join(SHARED_ROOT, `${PREFIX}${fingerprint(instance)}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const info = lstatSync(folder);
  if (!info.isDirectory() || info.uid !== process.getuid?.()) {
    throw new SetupError(`${folder} belongs to somebody else. Remove it, or choose another state folder with --state.`);
  }
  chmodSync(folder, 0o711);
  const unfinished = path.join(folder, `${OWNER_FILE}.writing`);
  writeFileSync(unfinished, JSON.stringify({ stateDir: path.resolve(stateDir) }), { mode: 0o600 });
  renameSync(unfinished, path.join(folder, OWNER_FILE));
  return folder;
}

/**
 * Removes the folders of ours whose state folder has been made anew since, or was a temporary one and is gone. A state folder that
 * is missing elsewhere may lie on a disk that is not mounted: its data stays.
 */
export function removeAbandonedFolders(): void {
  for (const name of readdirSync(SHARED_ROOT)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(SHARED_ROOT, name);
    try {
      const isOurs = lstatSync(folder).uid === process.getuid?.() && existsSync(path.join(folder, OWNER_FILE));
      if (isOurs && isAbandoned(folder, name)) rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      // Another process that starts at the same time has removed it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function isAbandoned(folder: string, name: string): boolean {
  const { stateDir } = JSON.parse(readFileSync(path.join(folder, OWNER_FILE), 'utf8')) as { stateDir: string };
  if (!existsSync(stateDir)) return stateDir.startsWith(`${tmpdir()}${path.sep}`);
  const instanceFile = path.join(stateDir, 'instance');
  return !existsSync(instanceFile) || `${PREFIX}${fingerprint(readFileSync(instanceFile, 'utf8').trim())}` !== name;
}

function fingerprint(instance: string): string {
  return createHash('sha256').update(instance).digest('hex').slice(0, 16);
}
