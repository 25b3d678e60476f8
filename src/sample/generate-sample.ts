import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Catalogue } from './catalogue.js';
import { DAYS, EventStream } from './event-stream.js';
import { makeFolder } from './output-folder.js';
import { SampleError } from './sample-error.js';
import { writeEvents } from './write-events.js';
import { writeSongs } from './write-songs.js';

/** What a sample consists of. The same options, without the callbacks, give the same bytes on every machine (gzip: the same content). */
export interface SampleOptions {
  /** Lines of the log, exactly; 1 to 10,000,000,000. */
  readonly events: number;
  /** Tracks of the catalogue, exactly; 1 to 100,000,000. */
  readonly songs: number;
  /** 0 to 4,294,967,295. @default 1 */
  readonly seed?: number;
  /** Made, or replaced when it holds another generated sample and `force` is set. */
  readonly outDir: string;
  /** Share of plays whose song the catalogue has, 0 to 1. @default 0.05 */
  readonly matchShare?: number;
  /** Files of a day, 1 to 1,440. @default as many as keep them near 64 MB */
  readonly filesPerDay?: number;
  /** @default 1 up to 5,000 songs, as in the public data; beyond, so many that there are about 32 files */
  readonly songsPerFile?: number;
  /** @default false */
  readonly gzip?: boolean;
  /** @default false */
  readonly force?: boolean;
  /** Called after about every megabyte. */
  readonly onProgress?: (progress: SampleProgress) => void;
  /** Ends the work; what was written is removed. */
  readonly signal?: AbortSignal;
}

export interface SampleProgress {
  readonly events: number;
  readonly songs: number;
  readonly files: number;
  readonly sizeBytes: number;
}

export interface SampleFacts extends SampleProgress {
  /** Events of page NextSong. */
  readonly plays: number;
  /** Plays with title, artist and duration of a song of the catalogue. */
  readonly matchedPlays: number;
}

export interface SampleResult extends SampleFacts {
  readonly outDir: string;
  /** True when the folder already held this very sample and nothing was written. */
  readonly reused: boolean;
}

/** Part of what the content depends on: raised whenever the same options give other bytes. */
const GENERATOR_VERSION = 1;

const FILE_BYTES = 64 * 1024 * 1024;
const EVENT_BYTES = 470;
/** The busiest day has this many times the events of an average one. */
const BUSIEST_DAY = 1.5;
/** Up to this many songs, each has a file of its own. */
const SINGLE_SONG_FILES = 5_000;
const SONG_FILES = 32;

/** Columns of staging_events, in their order. */
const JSON_PATHS = [
  'artist',
  'auth',
  'firstName',
  'gender',
  'itemInSession',
  'lastName',
  'length',
  'level',
  'location',
  'method',
  'page',
  'registration',
  'sessionId',
  'song',
  'status',
  'ts',
  'userAgent',
  'userId',
];

/**
 * Writes a sample of the shape of the public Sparkify data: log_data/, song_data/ and log_json_path.json. Streams: memory does not grow
 * with the size. The folder appears under its name only when it is whole.
 * @throws SampleError, or the signal's reason
 */
export async function generateSample(options: SampleOptions): Promise<SampleResult> {
  const args = resolveOptions(options);
  const { facts, reused } = await makeFolder({
    outDir: options.outDir,
    args,
    force: options.force ?? false,
    write: (folder) => writeSample({ ...options, ...args, folder }),
  });
  return { ...facts, outDir: options.outDir, reused };
}

/** Everything that decides the content, defaults filled in. */
function resolveOptions(options: SampleOptions) {
  const args = {
    generator: GENERATOR_VERSION,
    events: integer('events', options.events, [1, 10_000_000_000]),
    songs: integer('songs', options.songs, [1, 100_000_000]),
    seed: integer('seed', options.seed ?? 1, [0, 4_294_967_295]),
    matchShare: options.matchShare ?? 0.05,
    filesPerDay: integer('filesPerDay', options.filesPerDay ?? defaultFilesPerDay(options.events), [1, 1_440]),
    songsPerFile: integer('songsPerFile', options.songsPerFile ?? defaultSongsPerFile(options.songs), [1, 1_000_000]),
    gzip: options.gzip ?? false,
  };
  if (!(args.matchShare >= 0 && args.matchShare <= 1)) {
    throw new SampleError(`matchShare ${args.matchShare} is not a share from 0 to 1, for example 0.05.`, 'usage');
  }
  return args;
}

function integer(name: string, value: number, [min, max]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SampleError(`${name} ${value} is not a whole number from ${min} to ${max}.`, 'usage');
}

function defaultFilesPerDay(events: number): number {
  const busiest = (events / DAYS) * BUSIEST_DAY * EVENT_BYTES;
  return Math.min(1_440, Math.max(1, Math.ceil(busiest / FILE_BYTES)));
}

function defaultSongsPerFile(songs: number): number {
  return songs <= SINGLE_SONG_FILES ? 1 : Math.ceil(songs / SONG_FILES);
}

type Work = SampleOptions & ReturnType<typeof resolveOptions> & { readonly folder: string };

async function writeSample(work: Work): Promise<SampleFacts> {
  const { folder, seed, signal } = work;
  const done = { events: 0, songs: 0, files: 1, sizeBytes: 0 };
  const report = (more: Partial<SampleProgress>) => {
    done.events += more.events ?? 0;
    done.songs += more.songs ?? 0;
    done.files += more.files ?? 0;
    done.sizeBytes += more.sizeBytes ?? 0;
    if (more.files === undefined) work.onProgress?.({ ...done });
  };
  signal?.throwIfAborted();
  const catalogue = new Catalogue(seed, work.songs);
  const stream = new EventStream({ seed, events: work.events, catalogue, matchShare: work.matchShare });
  const paths = `${JSON.stringify({ jsonpaths: JSON_PATHS.map((name) => `$['${name}']`) }, null, 4)}\n`;
  await writeFile(join(folder, 'log_json_path.json'), paths);
  report({ sizeBytes: paths.length });
  await writeSongs({
    ...sink(work),
    catalogue,
    songsPerFile: work.songsPerFile,
    onFile: (facts) => {
      report({ files: 1 });
      report(facts);
    },
  });
  await writeEvents({
    ...sink(work),
    stream,
    filesPerDay: work.filesPerDay,
    onEvents: report,
    onBytes: (sizeBytes) => report({ sizeBytes }),
    onFile: () => report({ files: 1 }),
  });
  return { ...done, plays: stream.plays, matchedPlays: stream.matchedPlays };
}

function sink({ folder, gzip, signal }: Work) {
  return { folder, gzip, signal };
}
