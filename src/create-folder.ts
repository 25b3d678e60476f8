import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Modes of what is created; see `createFolder`. */
export interface FolderModes {
  /** Of the folder itself. @default 0o777, less the umask */
  readonly mode?: number;
  /** Of the folders above it that have to be created. @default as `mode` */
  readonly parents?: number;
}

/**
 * Creates a folder and those above it; one that is there is left as it is. Level by level: where nothing can be created, as below
 * /proc, Node's recursive mkdir never ends.
 * @throws the file system's error: ENOENT where nothing can be created, ENOTDIR where a part of the path is a file
 */
export async function createFolder(path: string, modes: FolderModes = {}): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  const parents = modes.parents ?? modes.mode;
  if (above !== path) await createFolder(above, parents === undefined ? {} : { mode: parents });
  try {
    await mkdir(path, modes.mode);
  } catch (error) {
    // Another process was faster, or it is a file.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
