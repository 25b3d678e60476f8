import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the file that makes a folder a warehouse. */
export const WAREHOUSE_FILE = 'warehouse.yaml';

/** Folders of SQL files below a warehouse folder. */
export const SQL_FOLDERS = ['tables', 'load', 'checks', 'questions'] as const;
export type SqlFolder = (typeof SQL_FOLDERS)[number];

/** The text of a warehouse folder. */
export interface FolderContent {
  readonly yaml: string;
  /** By path relative to the warehouse folder, with forward slashes: `load/users.sql`. Sorted. */
  readonly sql: ReadonlyMap<string, string>;
  /** Hash of names and content, first 12 hex digits. */
  readonly revision: string;
}

/**
 * Reads warehouse.yaml and every .sql file of the four folders.
 * @throws the file system's own error; ENOENT of warehouse.yaml means that there is no such warehouse
 */
export async function readFolder(folder: string): Promise<FolderContent> {
  const yaml = await readFile(join(folder, WAREHOUSE_FILE), 'utf8');
  const paths = (await Promise.all(SQL_FOLDERS.map((name) => sqlFiles(folder, name)))).flat().sort();
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
  const sql = new Map(paths.map((path, index) => [path, texts[index] ?? '']));
  const hash = createHash('sha256');
  // Lengths keep apart what concatenation would run together.
  for (const [path, text] of [[WAREHOUSE_FILE, yaml] as const, ...sql]) hash.update(`${path} ${text.length}\n${text}`);
  return { yaml, sql, revision: hash.digest('hex').slice(0, 12) };
}

async function sqlFiles(folder: string, name: SqlFolder): Promise<string[]> {
  try {
    const entries = await readdir(join(folder, name), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.sql'))
      .map((entry) => `${name}/${entry.name}`);
  } catch (error) {
    // A folder that is not there holds no files; whatever warehouse.yaml expects in it is reported as missing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
