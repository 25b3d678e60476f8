import assert from 'node:assert/strict';
import { useStackEnvironment } from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { event, MONDAY, type StagedEvent, type StagedSong, StarFixture, song } from './star-fixture.js';

describe('Sparkify load statements', () => {
  let star: StarFixture;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    star = await StarFixture.create();
  });

  after(() => restore());

  async function loadedFrom(events: readonly StagedEvent[], songs: readonly StagedSong[] = []): Promise<void> {
    await star.stage(events, songs);
    await star.load();
  }

  it('makes one songplay of a NextSong event and none of any other page', async () => {
    const other = ['Home', 'Login', 'Logout', 'nextsong'].map((page, index) =>
      event({ page, iteminsession: 1 + index }),
    );
    await loadedFrom([event(), ...other], [song()]);
    assert.deepEqual(
      await star.query(
        'select start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent from songplays',
      ),
      [
        {
          ...{ start_time: '2018-11-05 10:00:00.123', user_id: '7', level: 'free', song_id: 'SO1', artist_id: 'AR1' },
          ...{ session_id: '1', item_in_session: '0', location: 'Eugene, OR', user_agent: 'Mozilla' },
        },
      ],
    );
  });

  it('loads a play once however often its event was staged', async () => {
    await loadedFrom([event(), event({ iteminsession: 1 }), event(), event()], [song()]);
    assert.equal((await star.query('select 1 from songplays')).length, 2);
    assert.deepEqual(await star.failedChecks(), { events_staged_once: 1 });
  });

  it('tells plays apart by session, item, time and user', async () => {
    await loadedFrom([
      event(),
      event({ iteminsession: 1 }),
      event({ sessionid: 2 }),
      event({ ts: MONDAY + 1 }),
      event({ userid: 8 }),
    ]);
    assert.equal((await star.query('select 1 from songplays')).length, 5);
  });

  it('keeps a play without a user, and a check reports it', async () => {
    await loadedFrom([event({ userid: null }), event({ userid: null })]);
    assert.deepEqual(await star.query('select user_id from songplays'), [{ user_id: null }]);
    assert.deepEqual(await star.query('select user_id from users'), []);
    assert.deepEqual(await star.failedChecks(), { songplays_user_exists: 1, events_staged_once: 1 });
  });

  it('finds the song only when title, artist and duration are all the same', async () => {
    const near = [
      { song: 'river' },
      { artist: 'Ravens' },
      { length: 200.50001 },
      { song: null },
      { artist: null },
      { length: null },
    ].map((change, index) => event({ ...change, iteminsession: 1 + index }));
    await loadedFrom(
      [event(), ...near],
      [song(), song({ song_id: 'SO2', title: null }), song({ song_id: 'SO3', artist_name: null })],
    );
    assert.deepEqual(await star.query('select item_in_session, song_id from songplays where song_id is not null'), [
      { item_in_session: '0', song_id: 'SO1' },
    ]);
    assert.deepEqual(await star.failedChecks(), {});
  });

  it('takes the smallest song_id where several songs match', async () => {
    await loadedFrom(
      [event()],
      [
        song({ song_id: 'SO3', artist_id: 'AR3' }),
        song({ song_id: 'SO2', artist_id: 'AR2' }),
        song({ song_id: 'SO4', artist_id: 'AR4' }),
      ],
    );
    assert.deepEqual(await star.query('select song_id, artist_id from songplays'), [
      { song_id: 'SO2', artist_id: 'AR2' },
    ]);
    assert.deepEqual(await star.failedChecks(), {});
  });

  it('matches titles with quotes, slashes and letters of any length', async () => {
    const title = `¿"Dónde"? / Rock 'n' \\Roll 夜 🎵 ${'x'.repeat(600)}`;
    await loadedFrom([event({ song: title })], [song({ title })]);
    assert.deepEqual(
      await star.query('select songs.title from songplays join songs on songs.song_id = songplays.song_id'),
      [{ title }],
    );
  });

  it('takes each user from the latest event, whatever its page', async () => {
    await loadedFrom([
      event({ ts: MONDAY + 2, level: 'paid', page: 'Home', lastname: 'Rossi' }),
      event({ ts: MONDAY + 1, level: 'free' }),
      event({ ts: MONDAY, level: 'paid', userid: 8, gender: 'M' }),
      event({ ts: MONDAY + 9, level: 'free', page: 'Logout', userid: null }),
    ]);
    assert.deepEqual(await star.query('select * from users order by user_id'), [
      { user_id: '7', first_name: 'Ada', last_name: 'Rossi', gender: 'F', level: 'paid' },
      { user_id: '8', first_name: 'Ada', last_name: 'Kaur', gender: 'M', level: 'paid' },
    ]);
  });

  it('settles events of the same millisecond by session, item and level', async () => {
    await loadedFrom([
      event({ level: 'paid', sessionid: 1, iteminsession: 5 }),
      event({ level: 'free', sessionid: 2, iteminsession: 0 }),
      event({ level: 'free', sessionid: 3, userid: 8, iteminsession: 1 }),
      event({ level: 'paid', sessionid: 3, userid: 8, iteminsession: 2 }),
      event({ level: 'free', sessionid: 3, userid: 9 }),
      event({ level: 'paid', sessionid: 3, userid: 9, page: 'Home' }),
    ]);
    assert.deepEqual(await star.query('select user_id, level from users order by user_id'), [
      { user_id: '7', level: 'free' },
      { user_id: '8', level: 'paid' },
      { user_id: '9', level: 'paid' },
    ]);
  });

  it('takes one row of each artist: the shortest name, then the one that knows its place', async () => {
    const place = { artist_location: 'Dublin', artist_latitude: 53.3, artist_longitude: -6.2 };
    await loadedFrom(
      [],
      [
        song({ song_id: 'SO1', artist_name: 'The Ravens feat. Ada', ...place }),
        song({ song_id: 'SO2', artist_name: 'The Ravens', artist_location: 'Cork' }),
        song({ song_id: 'SO3', artist_name: 'The Ravens', ...place }),
        song({ song_id: 'SO4', artist_name: 'The Ravens' }),
      ],
    );
    assert.deepEqual(await star.query('select * from artists'), [
      { artist_id: 'AR1', name: 'The Ravens', location: 'Dublin', latitude: '53.3', longitude: '-6.2' },
    ]);
    assert.deepEqual(await star.failedChecks(), {});
  });

  it('takes one row of each song: the latest year that is known', async () => {
    await loadedFrom(
      [],
      [
        song({ year: 0, title: 'A' }),
        song({ year: 1999, title: 'C' }),
        song({ year: 1999, title: 'B' }),
        song({ year: null }),
      ],
    );
    assert.deepEqual(await star.query('select song_id, title, artist_id, year, duration from songs'), [
      { song_id: 'SO1', title: 'B', artist_id: 'AR1', year: '1999', duration: '200.5' },
    ]);
  });

  it('takes the start times of plays apart, in UTC, ISO weeks', async () => {
    const newYear = Date.UTC(2019, 11, 30, 23, 59, 59, 999);
    await loadedFrom([event(), event({ sessionid: 2 }), event({ ts: newYear }), event({ ts: 5, page: 'Home' })]);
    assert.deepEqual(await star.query('select * from time order by start_time'), [
      {
        start_time: '2018-11-05 10:00:00.123',
        hour: '10',
        day: '5',
        week: '45',
        month: '11',
        year: '2018',
        weekday: 'Monday',
      },
      {
        start_time: '2019-12-30 23:59:59.999',
        hour: '23',
        day: '30',
        week: '1',
        month: '12',
        year: '2019',
        weekday: 'Monday',
      },
    ]);
  });

  it('ends in the same rows in whatever order and however often everything was staged', async () => {
    const events = [
      event(),
      event({ level: 'paid', iteminsession: 1, ts: MONDAY + 1 }),
      event({ level: 'free', sessionid: 2, ts: MONDAY + 1, firstname: 'Eva' }),
      event({ level: 'paid', sessionid: 2, ts: MONDAY + 1, page: 'Home' }),
      event({ userid: 8, song: 'Lake', length: 10.00001 }),
      event({ userid: 8, song: 'Lake', length: 10.00001, location: null }),
    ];
    const songs = [
      song(),
      song({ song_id: 'SO2', artist_id: 'AR2' }),
      song({ song_id: 'SO3', title: 'Lake', duration: 10.00001 }),
      song({ song_id: 'SO3', title: 'Lake', duration: 10.00001, year: 2001, artist_name: 'The Ravens & Co' }),
      song({ song_id: 'SO4', artist_location: 'Cork' }),
    ];
    const rows = async () => ({
      songplays: await star.query(
        'select start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent from songplays order by session_id, item_in_session, user_id',
      ),
      users: await star.query('select * from users order by user_id'),
      songs: await star.query('select * from songs order by song_id'),
      artists: await star.query('select * from artists order by artist_id'),
      time: await star.query('select * from time order by start_time'),
    });
    await loadedFrom(events, songs);
    const expected = await rows();
    assert.equal(expected.songplays.length, 4);
    for (const turn of [1, 2, 3]) {
      const turned = <Value>(list: readonly Value[]) => [...list.slice(turn), ...list.slice(0, turn)].reverse();
      await loadedFrom([...turned(events), ...events], [...turned(songs), ...songs]);
      assert.deepEqual(await rows(), expected);
    }
  });

  it('gives the same rows when a full load is repeated', async () => {
    await loadedFrom([event(), event({ iteminsession: 1 })], [song()]);
    await star.load();
    await star.load();
    assert.equal((await star.query('select 1 from songplays')).length, 2);
    assert.deepEqual(await star.failedChecks(), {});
  });
});
