import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { listFiles } from '../../local-stack/local-files.js';
import { usageError } from '../cli-error.js';

/** A folder of the shape that the sparkify warehouse loads. */
export interface DemoData {
  readonly folder: string;
  /** Changes when any file does: names, sizes and times of modification. */
  readonly fingerprint: string;
  readonly files: number;
  readonly sizeBytes: number;
}

const FOLDERS = ['log_data', 'song_data'];
const JSONPATHS = 'log_json_path.json';

/**
 * Looks at a folder that a person gave.
 * @throws CliError (exit 2) naming everything that is missing
 */
export async function inspectData(directory: string): Promise<DemoData> {
  const folder = resolve(directory);
  const missing: string[] = [];
  if (!(await isA(folder, 'directory'))) throw usageError(`--data ${directory} is not a folder.`);
  for (const name of FOLDERS) {
    if (!(await isA(join(folder, name), 'directory'))) missing.push(`${name}/`);
    else if (!(await hasFiles(join(folder, name)))) missing.push(`${name}/ (it holds no .json files)`);
  }
  if (!(await isA(join(folder, JSONPATHS), 'file'))) missing.push(JSONPATHS);
  if (missing.length > 0) {
    throw usageError(
      `--data ${directory} lacks ${missing.join(', ')}. It must hold log_data/, song_data/ and ${JSONPATHS}; leave out --data to load a generated sample.`,
    );
  }
  return measureData(folder);
}

/** The files that will be uploaded. */
export async function measureData(folder: string): Promise<DemoData> {
  const hash = createHash('sha256');
  const files = await listFiles(folder);
  let sizeBytes = 0;
  for (const file of files) {
    hash.update(`${file.name} ${file.sizeBytes} ${(await stat(file.path)).mtimeMs}\n`);
    sizeBytes += file.sizeBytes;
  }
  return { folder, fingerprint: hash.digest('hex').slice(0, 16), files: files.length, sizeBytes };
}

async function isA(path: string, kind: 'file' | 'directory'): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw usageError(`${path} cannot be read: ${error.message}.`);
  });
  return kind === 'file' ? found?.isFile() === true : found?.isDirectory() === true;
}

async function hasFiles(folder: string): Promise<boolean> {
  return (await readdir(folder, { recursive: true })).some((path) => path.endsWith('.json'));
}
