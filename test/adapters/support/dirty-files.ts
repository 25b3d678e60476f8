import fc from 'fast-check';

/** One line of a source file. */
export type Line = Readonly<Record<string, string | number | null>>;

/** A file that comes to a source: when, and in how many versions. */
export interface Delivery {
  readonly source: 'log_data' | 'song_data';
  /** Its content in the end. */
  readonly lines: readonly Line[];
  /** The load before which it comes. */
  readonly batch: number;
  /** What it holds when it comes; its content in the end comes before the last load. */
  readonly draft: readonly Line[] | null;
  /** Comes a second time, under another name, before the last load. */
  readonly twice: boolean;
}

/** What happens to a warehouse before its last load. */
export interface LoadingPlan {
  readonly deliveries: readonly Delivery[];
  /** The first load is a full one. */
  readonly firstInFull: boolean;
  /** By load: transforms that a person skips. The last load has none. */
  readonly skipped: readonly (readonly string[])[];
}

/** Loads before the last one. */
export const BATCHES = 3;

/** 2018-11-05 10:00:00.123 UTC. */
const MONDAY = 1541412000123;

/**
 * So few values that files contradict each other: users that change their level from file to file and within a millisecond, one event in
 * several wordings, plays of songs that come later or never, songs without a year.
 */
const event: fc.Arbitrary<Line> = fc.record({
  artist: fc.constantFrom('The Ravens', 'The Ravens feat. Ada', null),
  auth: fc.constant('Logged In'),
  firstName: fc.constantFrom('Ada', 'Bo'),
  gender: fc.constantFrom('F', 'M', null),
  itemInSession: fc.constantFrom(0, 1),
  lastName: fc.constantFrom('Kaur', null),
  length: fc.constantFrom(200.5, 100.25, null),
  level: fc.constantFrom('free', 'paid'),
  location: fc.constantFrom('Eugene, OR', '', null),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong', 'Home'),
  sessionId: fc.constantFrom(1, 2),
  song: fc.constantFrom('River', "R'iver \\", null),
  ts: fc.constantFrom(...[0, 1, 2, 60_000, 3_600_000].map((later) => MONDAY + later)),
  userAgent: fc.constant('Mozilla'),
  userId: fc.constantFrom('7', '8', ''),
});

/** One artist in several spellings and places, one song in several years and by several artists, several songs that fit one play. */
const track: fc.Arbitrary<Line> = fc.record({
  artist_id: fc.constantFrom('AR1', 'AR2'),
  artist_latitude: fc.constantFrom(null, 53.3),
  artist_location: fc.constantFrom('', 'Cork', 'Dublin'),
  artist_longitude: fc.constantFrom(null, -6.2),
  artist_name: fc.constantFrom('The Ravens', 'The Ravens feat. Ada', null),
  duration: fc.constantFrom(200.5, 100.25),
  num_songs: fc.constant(1),
  song_id: fc.constantFrom('SO1', 'SO2', 'SO3'),
  title: fc.constantFrom('River', "R'iver \\", null),
  year: fc.constantFrom(0, 1999, 2001, null),
});

/** Files of one source; shrinks to fewer files of fewer lines, in one batch, without drafts. */
function deliveries(source: Delivery['source'], line: fc.Arbitrary<Line>): fc.Arbitrary<Delivery> {
  const lines = fc.array(line, { minLength: 1, maxLength: 6 });
  return fc.record({
    source: fc.constant(source),
    lines,
    batch: fc.nat({ max: BATCHES - 1 }),
    draft: rarely(lines, null),
    twice: rarely(fc.constant(true), false),
  });
}

/** Files that change make the whole definition run, and would leave little to the incremental statements. */
function rarely<Value, Otherwise>(value: fc.Arbitrary<Value>, otherwise: Otherwise): fc.Arbitrary<Value | Otherwise> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });
}

const skipped = fc.subarray(['users', 'artists', 'songs', 'songplays', 'time']);

/** What can happen to a warehouse of few and dirty files. */
export const loadingPlan: fc.Arbitrary<LoadingPlan> = fc.record({
  deliveries: fc.array(fc.oneof(deliveries('log_data', event), deliveries('song_data', track)), {
    minLength: 1,
    maxLength: 8,
  }),
  firstInFull: fc.boolean(),
  skipped: fc.array(fc.oneof(fc.constant([]), fc.constant(['songplays']), skipped), {
    minLength: BATCHES,
    maxLength: BATCHES,
  }),
});

/** Files of the sample and when they come. */
export interface SamplePlan {
  /** By file: the load before which it comes. */
  readonly batches: readonly number[];
  /** Whether the song files come when they come, or all before, or all after the log files. */
  readonly songs: 'mixed' | 'first' | 'last';
  /** Indexes of files that come again under another name before the last load. */
  readonly twice: readonly number[];
  /** Indexes of files that come in another version first. */
  readonly drafts: readonly number[];
  readonly firstInFull: boolean;
}

export function samplePlan(files: number, { drafts }: { readonly drafts: number }): fc.Arbitrary<SamplePlan> {
  const index = fc.nat({ max: files - 1 });
  return fc.record({
    batches: fc.array(fc.nat({ max: BATCHES - 1 }), { minLength: files, maxLength: files, size: 'max' }),
    songs: fc.constantFrom('mixed', 'first', 'last'),
    twice: fc.uniqueArray(index, { maxLength: 3 }),
    drafts: fc.uniqueArray(index, { minLength: drafts, maxLength: drafts }),
    firstInFull: fc.boolean(),
  });
}
