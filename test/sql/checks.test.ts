import assert from 'node:assert/strict';
import { useStackEnvironment } from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { event, MONDAY, StarFixture, song } from './star-fixture.js';

describe('Sparkify checks', () => {
  let star: StarFixture;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    star = await StarFixture.create();
  });

  after(() => restore());

  beforeEach(async () => {
    await star.stage(
      [
        event(),
        event({ iteminsession: 1, ts: MONDAY + 1, song: 'Unknown' }),
        event({ userid: 8, sessionid: 2 }),
        event({ userid: null, page: 'Home', sessionid: 3 }),
      ],
      [song(), song({ song_id: 'SO2', artist_id: 'AR2', title: 'Lake' })],
    );
    await star.load();
  });

  it('pass on a sound warehouse', async () => {
    assert.deepEqual(await star.failedChecks(), {});
  });

  /** What breaks the warehouse, and the checks that must say so with their number of offending rows. */
  const breakages: readonly (readonly [string, string, Readonly<Record<string, number>>])[] = [
    [
      'a play that is missing',
      'delete from songplays where user_id = 8',
      { songplays_reconcile: 1, songplays_song_matches: 1 },
    ],
    [
      'a play loaded twice',
      'insert into songplays (start_time, user_id, level, song_id, artist_id, session_id, item_in_session) select start_time, user_id, level, song_id, artist_id, session_id, item_in_session from songplays where user_id = 8',
      { songplays_play_unique: 1 },
    ],
    [
      'a play without an event',
      'update songplays set session_id = 99 where user_id = 8',
      { songplays_reconcile: 2, songplays_song_matches: 2 },
    ],
    ['a user that is missing', 'delete from users where user_id = 8', { users_reconcile: 1, songplays_user_exists: 1 }],
    [
      'a user without events',
      "insert into users (user_id, level) values (99, 'free')",
      { users_reconcile: 1, users_level_latest: 1 },
    ],
    ['a user twice', 'insert into users select * from users where user_id = 8', { users_key_unique: 1 }],
    [
      'a level that does not exist',
      "update users set level = 'gold' where user_id = 8",
      { levels_valid: 1, users_level_latest: 1 },
    ],
    ['a play without a level', 'update songplays set level = null where user_id = 8', { levels_valid: 1 }],
    ['an outdated level', "update users set level = 'paid' where user_id = 8", { users_level_latest: 1 }],
    [
      'a song that is missing',
      "delete from songs where song_id = 'SO1'",
      { songs_reconcile: 1, songplays_song_exists: 2 },
    ],
    ['a song twice', 'insert into songs select * from songs', { songs_key_unique: 2 }],
    [
      'a song of an unknown artist',
      "update songs set artist_id = 'AR9' where song_id = 'SO2'",
      { songs_artist_exists: 1 },
    ],
    [
      'an artist that is missing',
      "delete from artists where artist_id = 'AR1'",
      { artists_reconcile: 1, songplays_artist_exists: 2, songs_artist_exists: 1 },
    ],
    ['an artist twice', 'insert into artists select * from artists', { artists_key_unique: 2 }],
    ['an artist of no song', "insert into artists (artist_id) values ('AR9')", { artists_reconcile: 1 }],
    [
      'a start time that is missing',
      "delete from time where start_time = '2018-11-05 10:00:00.124'",
      { time_reconcile: 1, songplays_time_exists: 1 },
    ],
    ['a start time twice', 'insert into time select * from time', { time_key_unique: 2 }],
    [
      'a play without its song',
      'update songplays set song_id = null, artist_id = null where user_id = 8',
      { songplays_song_matches: 1 },
    ],
    [
      'a play with the wrong song',
      "update songplays set song_id = 'SO2', artist_id = 'AR2' where user_id = 8",
      { songplays_song_matches: 1 },
    ],
    [
      'a play with an artist and no song',
      'update songplays set song_id = null where user_id = 8',
      { songplays_song_exists: 1, songplays_song_matches: 1 },
    ],
    [
      'a play with a song and no artist',
      'update songplays set artist_id = null where user_id = 8',
      { songplays_artist_exists: 1, songplays_song_matches: 1 },
    ],
    [
      'a play in the future',
      "update songplays set start_time = '2199-01-01' where user_id = 8",
      {
        plays_not_in_future: 1,
        songplays_reconcile: 2,
        songplays_song_matches: 2,
        songplays_time_exists: 1,
        time_reconcile: 1,
      },
    ],
    [
      'an event staged twice',
      'insert into staging_events select * from staging_events where userid = 8',
      { events_staged_once: 1 },
    ],
  ];

  for (const [what, sql, failed] of breakages) {
    it(`find ${what}`, async () => {
      await star.query(sql);
      assert.deepEqual(sorted(await star.failedChecks()), sorted(failed));
    });
  }

  it('are each shown to fail by a test, but for those that guard what the columns rule out', () => {
    const shown = new Set(breakages.flatMap(([, , failed]) => Object.keys(failed)));
    const { checks } = star.warehouse.plan({ schema: 'public' });
    assert.deepEqual(
      checks.map(({ id }) => id).filter((id) => !shown.has(id)),
      ['songplays_key_unique', 'no_null_keys'],
    );
  });
});

function sorted(failed: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(failed).sort(([a], [b]) => (a < b ? -1 : 1));
}
