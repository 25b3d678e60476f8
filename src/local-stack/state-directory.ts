import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStackError } from './local-stack-error.js';

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
    for (const folder of [folders.temporal, folders.s3, folders.redshift, folders.logs]) {
      await mkdir(folder, { recursive: true });
    }
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
