import { constants } from 'node:fs';
import { access, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder } from '../create-folder.js';
import { LocalStackError } from './local-stack-error.js';

/** For its owner only: histories, objects and logs hold what was loaded. */
const PRIVATE = 0o700;
/** Others may pass, not look: started as root, PostgreSQL runs as another user and must reach its data. */
const PASSABLE = 0o711;

/** Folders of a stack's state. */
export interface StateFolders {
  readonly temporal: string;
  readonly s3: string;
  readonly redshift: string;
  readonly logs: string;
  readonly lock: string;
}

/**
 * Creates the state folder and those in it.
 * @throws LocalStackError state-unusable when it cannot be created or written
 */
export async function prepareStateDirectory(stateDir: string): Promise<StateFolders> {
  const folders = {
    temporal: join(stateDir, 'temporal'),
    s3: join(stateDir, 's3'),
    redshift: join(stateDir, 'redshift'),
    logs: join(stateDir, 'logs'),
    lock: join(stateDir, 'stack.lock'),
  };
  try {
    await createFolder(stateDir, { mode: PASSABLE, parents: 0o755 });
    await createFolder(folders.redshift, { mode: PASSABLE });
    for (const folder of [folders.temporal, folders.s3, folders.logs]) await makePrivate(folder);
    await access(stateDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocalStackError(
      'state-unusable',
      `The state folder ${stateDir} cannot be used: ${reason}. Give another with STARSHIFT_STATE_DIR.`,
      { cause },
    );
  }
  return folders;
}

/** Earlier versions created it readable for everyone. */
async function makePrivate(folder: string): Promise<void> {
  await createFolder(folder, { mode: PRIVATE });
  try {
    await chmod(folder, PRIVATE);
  } catch (error) {
    // Somebody else's: who may look into it is for them to say.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}
