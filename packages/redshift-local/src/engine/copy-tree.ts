import { chmod, constants, copyFile, lchown, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Whom the copied files belong to. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Copies a folder with its modes and symbolic links, and gives every entry to `owner` if one is named (only root may).
 * Uses copy-on-write clones where the file system has them. The target must not exist.
 */
export async function copyTree(source: string, target: string, owner: FileOwner | undefined): Promise<void> {
  const info = await lstat(source);
  if (info.isDirectory()) {
    await mkdir(target, { mode: 0o700 });
    await chmod(target, info.mode & 0o777);
    const names = await readdir(source);
    await Promise.all(names.map((name) => copyTree(path.join(source, name), path.join(target, name), owner)));
  } else if (info.isSymbolicLink()) {
    await symlink(await readlink(source), target);
  } else {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
  if (owner !== undefined) await lchown(target, owner.uid, owner.gid);
}
