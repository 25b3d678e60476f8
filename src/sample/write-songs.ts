import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Catalogue, CatalogueSong } from './catalogue.js';
import { songString } from './json-text.js';

export interface WriteSongsRequest {
  readonly folder: string;
  readonly catalogue: Catalogue;
  readonly songsPerFile: number;
  readonly gzip: boolean;
  readonly onFile: (facts: { readonly songs: number; readonly sizeBytes: number }) => void;
  readonly signal: AbortSignal | undefined;
}

/** Files written at the same time. */
const LANES = 16;

/** Writes song_data/A/B/C/TR....json, named after the first track in it; one object a line. */
export async function writeSongs(request: WriteSongsRequest): Promise<void> {
  const { catalogue, songsPerFile, signal } = request;
  const made = new Set<string>();
  let next = 0;
  const lane = async () => {
    while (next < catalogue.songs) {
      signal?.throwIfAborted();
      const from = next;
      next += songsPerFile;
      await writeFileOf(request, { from, until: Math.min(next, catalogue.songs), made });
    }
  };
  // A failed lane stops the others before the caller removes the folder they write to.
  const results = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

interface SongRange {
  readonly from: number;
  readonly until: number;
  /** Folders that are there already. */
  readonly made: Set<string>;
}

async function writeFileOf({ folder, catalogue, gzip, onFile }: WriteSongsRequest, { from, until, made }: SongRange) {
  const songs = Array.from({ length: until - from }, (_, index) => catalogue.song(from + index));
  const track = songs[0]?.trackId ?? '';
  const name = `${track.slice(2, 5).split('').join('/')}/${track}.json${gzip ? '.gz' : ''}`;
  const path = join(folder, 'song_data', name);
  if (!made.has(dirname(path))) await mkdir(dirname(path), { recursive: true });
  made.add(dirname(path));
  const text = Buffer.from(`${songs.map(songLine).join('\n')}\n`);
  const content = gzip ? gzipSync(text) : text;
  await writeFile(path, content);
  onFile({ songs: songs.length, sizeBytes: content.length });
}

function songLine(song: CatalogueSong): string {
  const number = (value: number | undefined) => (value === undefined ? 'null' : String(value / 100_000));
  return `{"num_songs": 1, "artist_id": "${song.artistId}", "artist_latitude": ${number(song.latitudeE5)}, "artist_longitude": ${number(song.longitudeE5)}, "artist_location": ${songString(song.artistLocation)}, "artist_name": ${songString(song.artistName)}, "song_id": "${song.songId}", "title": ${songString(song.title)}, "duration": ${number(song.durationE5)}, "year": ${song.year}}`;
}
