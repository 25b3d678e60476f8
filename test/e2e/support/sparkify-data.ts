import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PROJECT_ROOT } from '../../../src/config.js';

/** The public sample; not part of the project. Undefined where it is not on this machine. */
export const SPARKIFY_DATA: string | undefined = [process.env.SPARKIFY_DATA, join(PROJECT_ROOT, '../shared/sparkify')]
  .filter((path): path is string => path !== undefined && path !== '')
  .map((path) => resolve(path))
  .find((path) => existsSync(join(path, 'log_json_path.json')));

/** Skips the suite or test that calls it, and says so. */
export function requireSparkify(context: Mocha.Context): string {
  if (SPARKIFY_DATA !== undefined) return SPARKIFY_DATA;
  process.stderr.write('  SKIPPED: the Sparkify sample is not here; name its folder with SPARKIFY_DATA=DIR\n');
  context.skip();
}

/** The exact row counts of a full load of the public sample. */
export const SPARKIFY_ROWS = {
  staging_events: 8056,
  staging_songs: 71,
  songplays: 6820,
  users: 97,
  songs: 71,
  artists: 69,
  time: 6813,
} as const;

const COLUMNS = [
  ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location'],
  ...['method', 'page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
];

/** One play of the one song, as a line of a log file. */
export function event(change: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({
    ...{ artist: 'Elena', auth: 'Logged In', firstName: 'Ann', gender: 'F', itemInSession: 0, lastName: 'Lee' },
    ...{ length: 269.58322, level: 'free', location: 'Oslo', method: 'PUT', page: 'NextSong' },
    ...{ registration: 1540511766796, sessionId: 7, song: 'Setanta matins', status: 200, ts: 1541440182796 },
    ...{ userAgent: 'Mozilla', userId: '26' },
    ...change,
  })}\n`;
}

/** A song file. */
export function song(): string {
  return JSON.stringify({
    ...{ artist_id: 'AR5KOSW1187FB35FF4', artist_latitude: 49.80388, artist_location: 'Dubai UAE' },
    ...{ artist_longitude: 15.47491, artist_name: 'Elena', duration: 269.58322, num_songs: 1 },
    ...{ song_id: 'SOZCTXZ12AB0182364', title: 'Setanta matins', year: 0 },
  });
}

/** Writes a data folder: these log files by name, one song, and a JSONPaths file of the first `columns` columns. */
export async function writeData(request: {
  readonly folder: string;
  readonly logs: Readonly<Record<string, string>>;
  /** @default all 18 */
  readonly columns?: number;
}): Promise<string> {
  const { folder, logs, columns = COLUMNS.length } = request;
  const files: Record<string, string> = {
    'log_json_path.json': JSON.stringify({ jsonpaths: COLUMNS.slice(0, columns).map((name) => `$['${name}']`) }),
    'song_data/A/song.json': song(),
  };
  for (const [name, text] of Object.entries(logs)) files[`log_data/${name}`] = text;
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
