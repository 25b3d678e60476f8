import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Environment, PROJECT_ROOT } from '../src/config.js';
import { listFiles } from '../src/local-stack/local-files.js';
import { generateSample } from '../src/sample/generate-sample.js';

/** Files of a source by their key relative to its root. */
export type SourceFiles = ReadonlyMap<string, Buffer>;

/** Data to load, held in memory: small. */
export interface Sample {
  readonly name: string;
  readonly files: SourceFiles;
}

/** Many files and some hundred plays with a song: enough for every step to have work, little enough for hundreds of loads. */
const GENERATED = { events: 2_500, songs: 45, matchShare: 0.3, seed: 4 };
const SAMPLE_FILE = 'log_json_path.json';

/** The generated sample and, where it is on this machine, the public one (SPARKIFY_DATA, or beside the project). */
export async function loadSamples(folder: string, environment: Environment): Promise<readonly Sample[]> {
  const outDir = join(folder, 'sample');
  await generateSample({ ...GENERATED, outDir, force: true });
  const samples = [await readSample('generated', outDir)];
  const real = [environment.SPARKIFY_DATA, join(PROJECT_ROOT, '../shared/sparkify')]
    .filter((path): path is string => path !== undefined && path !== '')
    .map((path) => resolve(path))
    .find((path) => existsSync(join(path, SAMPLE_FILE)));
  if (real !== undefined) samples.push(await readSample('sparkify', real));
  return samples;
}

/** The ETag that S3 gives an object put in one piece: its MD5. */
export function etagOf(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

async function readSample(name: string, folder: string): Promise<Sample> {
  const found = await listFiles(folder);
  const wanted = found.filter(({ name: key }) => key === SAMPLE_FILE || /^(log|song)_data\/.*\.json$/.test(key));
  const files = await Promise.all(wanted.map(async (file) => [file.name, await readFile(file.path)] as const));
  return { name, files: new Map(files) };
}
