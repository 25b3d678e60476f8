import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStackError } from './local-stack-error.js';

/** Keys of the local S3; made up at its first start and kept in the state folder, readable by its owner only. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Reads the keys of the S3 server in `folder`, or makes them up.
 * @throws LocalStackError state-unusable when the file is damaged
 */
export async function loadS3Credentials(folder: string): Promise<S3Credentials> {
  const path = join(folder, 'credentials.json');
  const made = { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: secret() };
  try {
    await writeFile(path, `${JSON.stringify(made)}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const kept = parse(await readFile(path, 'utf8'));
  if (kept === undefined)
    throw new LocalStackError(
      'state-unusable',
      `${path} is damaged. Delete it; new keys are made up at the next start.`,
    );
  return kept;
}

function secret(): string {
  return randomBytes(30).toString('base64url');
}

function parse(text: string): S3Credentials | undefined {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(text);
    return typeof accessKeyId === 'string' && typeof secretAccessKey === 'string'
      ? { accessKeyId, secretAccessKey }
      : undefined;
  } catch {
    return undefined;
  }
}
