import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';

export type Event = Readonly<Record<string, string | number | null>>;
export type Song = Readonly<Record<string, string | number | null>>;

/** Paths below a folder, sorted, without the marker of a whole sample. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Text of a file, decompressed when it is named so. */
export async function textOf(folder: string, path: string): Promise<string> {
  const content = await readFile(join(folder, path));
  return (path.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
}

/** Lines of all files below log_data or song_data, in the order of their names. */
export async function linesOf(folder: string, part: 'log_data' | 'song_data'): Promise<string[]> {
  const paths = (await filesOf(folder)).filter((path) => path.startsWith(part));
  const texts = await Promise.all(paths.map((path) => textOf(folder, path)));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** One hash over names and decompressed content. */
export async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await filesOf(folder)) hash.update(`${path.replace(/\.gz$/, '')}\n${await textOf(folder, path)}`);
  return hash.digest('hex');
}

export function parseLines<Row>(lines: readonly string[]): Row[] {
  return lines.map((line) => JSON.parse(line) as Row);
}
