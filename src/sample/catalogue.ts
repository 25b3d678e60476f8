import { mix, Random } from './random.js';
import { ADJECTIVES, LAST_NAMES, MEN, NOUNS, ODD_WORDS, PLACES, SUFFIXES, VERBS, WOMEN } from './vocabulary.js';

/** One track of the catalogue. Coordinates and duration are integers in hundred-thousandths, so that no sum can round them. */
export interface CatalogueSong {
  readonly trackId: string;
  readonly songId: string;
  readonly title: string;
  readonly artistId: string;
  readonly artistName: string;
  readonly artistLocation: string;
  readonly latitudeE5: number | undefined;
  readonly longitudeE5: number | undefined;
  readonly durationE5: number;
  /** 0 is unknown. */
  readonly year: number;
}

/** What a play says about its song. */
export type PlayedSong = Pick<CatalogueSong, 'title' | 'artistName' | 'durationE5'>;

const KIND = { artist: 1, origin: 2, recording: 3, release: 4, stranger: 5 } as const;

/** Artists a hundred songs: most have one song, some have many. */
const ARTISTS_PER_HUNDRED_SONGS = 70;
/** Every so many songs, one is released again under another id with the same title, artist and duration. */
const RELEASE_AGAIN_EVERY = 400;

/** Songs by their number, each made anew when it is asked for: a catalogue of any size takes no memory. */
export class Catalogue {
  private readonly random = new Random();
  private readonly artists: number;

  constructor(
    private readonly seed: number,
    readonly songs: number,
  ) {
    this.artists = Math.max(1, Math.floor((songs * ARTISTS_PER_HUNDRED_SONGS) / 100));
  }

  song(index: number): CatalogueSong {
    const { artist } = this.recording(originalOf(index));
    const played = this.played(index);
    const random = this.random.reseed(this.seed, KIND.release, index);
    const year = random.chance(0.6) ? 0 : 1958 + random.below(53);
    const silent = random.chance(0.05);
    return { ...this.ids(index, artist), ...played, ...this.origin(artist, silent), year };
  }

  /** Title, artist name and duration as the catalogue has them. */
  played(index: number): PlayedSong {
    const { title, durationE5, artist, featured } = this.recording(originalOf(index));
    const name = nameArtist(this.random.reseed(this.seed, KIND.artist, artist));
    return { title, durationE5, artistName: featured === undefined ? name : `${name} feat. ${featured}` };
  }

  /** A song that the catalogue does not have. */
  stranger(index: number): PlayedSong {
    const random = this.random.reseed(this.seed, KIND.stranger, index);
    const artistName = nameArtist(random);
    const title = nameSong(random);
    const mangled = random.chance(0.05);
    return {
      title,
      // The log's source encodes some artists twice.
      artistName: mangled ? encodedTwice(artistName) : artistName,
      durationE5: duration(random),
    };
  }

  private recording(index: number) {
    const random = this.random.reseed(this.seed, KIND.recording, index);
    return {
      artist: index < this.artists ? index : random.below(this.artists),
      title: nameSong(random),
      durationE5: duration(random),
      featured: random.chance(0.03) ? nameArtist(random) : undefined,
    };
  }

  /** Where the artist is from; some tracks of an artist do not say. */
  private origin(
    artist: number,
    silent: boolean,
  ): Pick<CatalogueSong, 'artistLocation' | 'latitudeE5' | 'longitudeE5'> {
    const random = this.random.reseed(this.seed, KIND.origin, artist);
    const [place, latitude, longitude] = random.pick(PLACES);
    const located = random.chance(0.6) && !silent;
    const mapped = random.chance(0.45);
    const jitter = random.below(2_000) - 1_000;
    return {
      artistLocation: located ? place : '',
      latitudeE5: mapped ? latitude + jitter : undefined,
      longitudeE5: mapped ? longitude + jitter : undefined,
    };
  }

  private ids(index: number, artist: number): Pick<CatalogueSong, 'trackId' | 'songId' | 'artistId'> {
    return {
      trackId: `TR${this.folderOf(index)}${letters(mix(index + 7), 2)}128${scrambledHex(index, this.seed ^ 0x7a11)}`,
      songId: `SO${letters(mix(index), 5)}12A${scrambledHex(index, this.seed ^ 0x50f6)}`,
      artistId: `AR${letters(mix(artist + 3), 5)}118${scrambledHex(artist, this.seed ^ 0xa471)}`,
    };
  }

  /** Three letters that place the track in its folder: about 24 songs a folder, up to 676 folders, in the order of the numbers. */
  private folderOf(index: number): string {
    const folders = Math.min(676, Math.ceil(this.songs / 24));
    const folder = Math.floor((index * folders) / this.songs);
    return `A${letter(Math.floor(folder / 26))}${letter(folder % 26)}`;
  }
}

/** The number of the first release of a song. */
function originalOf(index: number): number {
  return index % RELEASE_AGAIN_EVERY === RELEASE_AGAIN_EVERY - 1 ? index - 1 : index;
}

function duration(random: Random): number {
  // Two draws make short and long songs rarer than those of four minutes.
  return 3_000_000 + random.below(21_000_000) + random.below(21_000_000);
}

function nameArtist(random: Random): string {
  const noun = random.pick(NOUNS);
  const last = random.pick(LAST_NAMES);
  const first = random.chance(0.5) ? random.pick(WOMEN) : random.pick(MEN);
  const draw = random.fraction();
  if (draw < 0.35) return `${first} ${last}`;
  if (draw < 0.6) return `The ${random.pick(ADJECTIVES)} ${noun}s`;
  if (draw < 0.75) return `${random.pick(ADJECTIVES)} ${noun}`;
  if (draw < 0.85) return `${first} ${last} & The ${noun}s`;
  if (draw < 0.9) return `${noun}/${random.pick(NOUNS)}`;
  if (draw < 0.93) return `${first} "${noun}" ${last}`;
  if (draw < 0.995) return `${random.pick(ODD_WORDS)} ${noun}`;
  const performers = Array.from(
    { length: 4 + random.below(20) },
    () => `${random.pick(WOMEN)} ${random.pick(LAST_NAMES)}`,
  );
  return performers.join(';');
}

function nameSong(random: Random): string {
  const draw = random.fraction();
  const noun = random.pick(NOUNS);
  const adjective = random.pick(ADJECTIVES);
  const suffix = random.chance(0.12) ? random.pick(SUFFIXES) : '';
  if (draw < 0.3) return `${adjective} ${noun}${suffix}`;
  if (draw < 0.55) return `${random.pick(VERBS)} In The ${noun}${suffix}`;
  if (draw < 0.7) return `${noun} Of The ${adjective} ${random.pick(NOUNS)}${suffix}`;
  if (draw < 0.85) return `${random.pick(VERBS)}${suffix}`;
  if (draw < 0.95) return `The ${noun}'s ${random.pick(NOUNS)}${suffix}`;
  return `${random.pick(ODD_WORDS)}${suffix}`;
}

function encodedTwice(text: string): string {
  const once = Buffer.from(text, 'utf8').toString('latin1');
  return Buffer.from(once, 'utf8').toString('latin1');
}

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

function letters(bits: number, count: number): string {
  let text = '';
  for (let rest = bits; text.length < count; rest = Math.floor(rest / 26)) text += letter(rest % 26);
  return text;
}

/** Eight hexadecimal digits, different for every index below 2^32. */
function scrambledHex(index: number, key: number): string {
  return mix((index ^ key) >>> 0)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0');
}
