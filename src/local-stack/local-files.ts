import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { LocalStackError } from './local-stack-error.js';

/** A file below a folder. */
export interface LocalFile {
  readonly path: string;
  /** Relative to the folder, with forward slashes. */
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * All files below a folder, by name; hidden files and folders are left out.
 * @throws LocalStackError upload-failed when the folder cannot be read or holds no file
 */
export async function listFiles(dir: string): Promise<readonly LocalFile[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch((cause: Error) => {
    throw new LocalStackError('upload-failed', `The folder ${dir} cannot be read: ${cause.message}`, { cause });
  });
  const files: LocalFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(dir, path).split(sep).join('/');
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    const info = await stat(path);
    if (info.isFile()) files.push({ path, name, sizeBytes: info.size });
  }
  if (files.length === 0) throw new LocalStackError('upload-failed', `The folder ${dir} holds no files.`);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The MD5 of a file's content in hexadecimal; reads it in a stream. */
export async function md5OfFile(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
