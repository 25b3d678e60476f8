import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSample, type SampleResult } from '../../src/sample/generate-sample.js';
import { type Event, linesOf, parseLines, type Song } from './sample-files.js';

/** Keys in the order of the public data. */
const EVENT_KEYS =
  'artist auth firstName gender itemInSession lastName length level location method page registration sessionId song status ts userAgent userId';
const SONG_KEYS =
  'num_songs artist_id artist_latitude artist_longitude artist_location artist_name song_id title duration year';

describe('generated sample', () => {
  let root: string;
  let result: SampleResult;
  let eventLines: string[];
  let songLines: string[];
  let events: Event[];
  let songs: Song[];

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'starshift-dirt-'));
    result = await generateSample({ events: 40_000, songs: 2_000, outDir: join(root, 'out'), songsPerFile: 100 });
    eventLines = await linesOf(result.outDir, 'log_data');
    songLines = await linesOf(result.outDir, 'song_data');
    events = parseLines(eventLines);
    songs = parseLines(songLines);
  });

  after(() => rm(root, { recursive: true, force: true }));

  function assertShare(what: string, count: number, [low, high]: readonly [number, number], of = events.length) {
    assert.ok(count / of >= low && count / of <= high, `${what}: ${count} of ${of}`);
  }

  it('has the keys of the public data in their order, and nothing but ASCII', () => {
    for (const event of events) assert.equal(Object.keys(event).join(' '), EVENT_KEYS);
    for (const song of songs) assert.equal(Object.keys(song).join(' '), SONG_KEYS);
    for (const line of [...eventLines, ...songLines]) assert.match(line, /^[ -~]*$/);
  });

  it('writes registration as a number with a fraction, as the public data does', () => {
    assert.ok(eventLines.some((line) => /"registration":15\d{11}\.0,/.test(line)));
  });

  it('has pages, status and method together as in the public data', () => {
    const seen = new Set(events.map(({ page, method, status }) => `${page} ${method} ${status}`));
    assert.deepEqual([...seen].sort(), [
      'About GET 200',
      'Downgrade GET 200',
      'Error GET 404',
      'Help GET 200',
      'Home GET 200',
      'Login PUT 307',
      'Logout PUT 307',
      'NextSong PUT 200',
      'Save Settings PUT 307',
      'Settings GET 200',
      'Submit Downgrade PUT 307',
      'Submit Upgrade PUT 307',
      'Upgrade GET 200',
    ]);
    assertShare('plays', events.filter(({ page }) => page === 'NextSong').length, [0.8, 0.9]);
  });

  it('has artist, song and length exactly on plays', () => {
    for (const { page, artist, song, length } of events) {
      const filled = [artist, song, length].map((value) => value !== null);
      assert.deepEqual(filled, Array(3).fill(page === 'NextSong'));
    }
  });

  it('has logged-out events with an empty userId and nothing known but the level', () => {
    const strangers = events.filter(({ userId }) => userId === '');
    assertShare('logged out', strangers.length, [0.02, 0.07]);
    for (const { auth, firstName, lastName, gender, location, registration, userAgent, level, page } of strangers) {
      assert.equal(auth, 'Logged Out');
      assert.deepEqual([firstName, lastName, gender, location, registration, userAgent], Array(6).fill(null));
      assert.ok(level === 'free' || level === 'paid');
      assert.notEqual(page, 'NextSong');
    }
    const shared = new Set(strangers.map(({ sessionId }) => sessionId));
    assert.ok(
      events.some(({ sessionId, userId }) => userId !== '' && shared.has(sessionId ?? 0)),
      'a session with both',
    );
  });

  it('has escaped quotes and slashes, unicode, four-byte letters, double encoding and long names', () => {
    const agents = events.map(({ userAgent }) => String(userAgent));
    assert.ok(agents.some((agent) => agent.startsWith('"Mozilla/5.0 ') && agent.endsWith('"')));
    assert.ok(eventLines.some((line) => line.includes('"userAgent":"\\"Mozilla\\/5.0')));
    const texts = events.flatMap(({ artist, song }) => [String(artist), String(song)]);
    for (const piece of ['"', '\\', '/', "'", 'é', '夜', '🎵', 'Ã\u0083Â']) {
      assert.ok(
        texts.some((text) => text.includes(piece)),
        piece,
      );
    }
    assert.ok(events.some(({ firstName }) => firstName === 'Zoë'));
    assert.ok(Math.max(...texts.map((text) => Buffer.byteLength(text))) > 200);
  });

  it('has users whose level changes, in the log of their events and with the page that submits it', () => {
    const levels = new Map<string, string[]>();
    for (const { userId, level } of events) {
      if (userId === '') continue;
      const seen = levels.get(String(userId)) ?? [];
      if (seen.at(-1) !== level) seen.push(String(level));
      levels.set(String(userId), seen);
    }
    const stories = new Set([...levels.values()].map((seen) => seen.join(' ')));
    for (const story of ['free', 'paid', 'free paid', 'paid free', 'free paid free'])
      assert.ok(stories.has(story), story);
    const submitted = events.filter(({ page }) => String(page).startsWith('Submit ')).length;
    const changes = [...levels.values()].reduce((sum, seen) => sum + seen.length - 1, 0);
    assertShare('changes submitted', submitted, [0.9, 1.2], changes);
  });

  it('keeps name, gender, location and browser of a user the same', () => {
    const users = new Map<unknown, string>();
    for (const { userId, firstName, lastName, gender, location, userAgent } of events) {
      if (userId === '') continue;
      const user = JSON.stringify([firstName, lastName, gender, location, userAgent]);
      assert.equal(users.get(userId) ?? user, user);
      users.set(userId, user);
    }
    assertShare('users', users.size, [0.8, 1], 482);
  });

  it('numbers the events of a session without gaps, in the order of time', () => {
    const sessions = new Map<unknown, number>();
    for (const { sessionId, itemInSession } of events) {
      assert.equal(itemInSession, sessions.get(sessionId) ?? 0);
      sessions.set(sessionId, Number(itemInSession) + 1);
    }
  });

  it('plays as many songs of the catalogue as it says, and cuts some short', () => {
    const exact = new Set(songs.map((song) => JSON.stringify([song.title, song.artist_name, song.duration])));
    const titles = new Set(songs.map((song) => JSON.stringify([song.title, song.artist_name])));
    const plays = events.filter(({ page }) => page === 'NextSong');
    const matched = plays.filter(({ song, artist, length }) => exact.has(JSON.stringify([song, artist, length])));
    assert.equal(matched.length, result.matchedPlays);
    assertShare('matched', matched.length, [0.045, 0.055], plays.length);
    const near = plays.filter(
      ({ song, artist, length }) =>
        titles.has(JSON.stringify([song, artist])) && !exact.has(JSON.stringify([song, artist, length])),
    );
    assert.ok(near.length > 0);
  });

  it('has unknown years, places and coordinates, and years of releases', () => {
    assertShare('year 0', songs.filter(({ year }) => year === 0).length, [0.5, 0.7], songs.length);
    assertShare(
      'no place',
      songs.filter(({ artist_location }) => artist_location === '').length,
      [0.3, 0.6],
      songs.length,
    );
    assertShare(
      'no coordinates',
      songs.filter(({ artist_latitude }) => artist_latitude === null).length,
      [0.4, 0.7],
      songs.length,
    );
    for (const { artist_latitude, artist_longitude } of songs) {
      assert.equal(artist_latitude === null, artist_longitude === null);
    }
  });

  it('has unique songs and tracks, artists with several songs, and artists spelt in several ways', () => {
    assert.equal(new Set(songs.map(({ song_id }) => song_id)).size, 2_000);
    const artists = new Map<unknown, Song[]>();
    for (const song of songs) artists.set(song.artist_id, [...(artists.get(song.artist_id) ?? []), song]);
    assert.equal(artists.size, 1_398);
    const several = [...artists.values()].filter((tracks) => tracks.length > 1);
    const differ = (key: string) => several.some((tracks) => new Set(tracks.map((track) => track[key])).size > 1);
    assert.ok(differ('artist_name'));
    assert.ok(differ('artist_location'));
  });

  it('has songs that were released twice with the same title, artist and duration', () => {
    const copies = new Map<string, number>();
    for (const { title, artist_name, duration } of songs) {
      const key = JSON.stringify([title, artist_name, duration]);
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
    assert.equal([...copies.values()].filter((count) => count === 2).length, 5);
  });
});
