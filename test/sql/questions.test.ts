import assert from 'node:assert/strict';
import { useStackEnvironment } from '../adapters/support/test-warehouse.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { event, MONDAY, StarFixture, song } from './star-fixture.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('Sparkify questions', () => {
  let star: StarFixture;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    star = await StarFixture.create();
    // River: 1 play in October, 1 in the week of 29 October, 1 in the week of 5 November. Lake: 2 in the week of 5 November.
    const river = { userid: 7 };
    const lake = { userid: 8, gender: 'M', level: 'paid', location: null, song: 'Lake', artist: 'Ada Kaur' };
    await star.stage(
      [
        event({ ...river, sessionid: 1, ts: MONDAY - 30 * DAY_MS }),
        event({ ...river, sessionid: 2, ts: MONDAY - 3 * DAY_MS }),
        event({ ...river, sessionid: 3 }),
        event({ ...lake, sessionid: 4, ts: MONDAY + HOUR_MS }),
        event({ ...lake, sessionid: 5, ts: MONDAY + DAY_MS }),
        event({ sessionid: 6, song: 'Unknown', userid: 7 }),
      ],
      [song(), song({ song_id: 'SO2', artist_id: 'AR2', artist_name: 'Ada Kaur', title: 'Lake' })],
    );
    await star.load();
  });

  after(() => restore());

  const ask = (id: string) => star.query(star.warehouse.question(id).sql);

  it('name columns of their answers in their charts', async () => {
    for (const { id, chart } of star.warehouse.questions) {
      const columns = Object.keys((await ask(id))[0] ?? {});
      for (const name of [chart.x, ...(chart.y ?? []), chart.series]) {
        if (name !== undefined) assert.ok(columns.includes(name), `${id}: ${name} of ${columns.join(', ')}`);
      }
    }
  });

  it('most_played_songs counts plays of songs that are known', async () => {
    assert.deepEqual(await ask('most_played_songs'), [
      { song: 'River', artist: 'The Ravens', plays: '3' },
      { song: 'Lake', artist: 'Ada Kaur', plays: '2' },
    ]);
  });

  it('trending_artists compares the last week with the week before', async () => {
    assert.deepEqual(await ask('trending_artists'), [
      { artist: 'Ada Kaur', plays: '2', plays_before: '0', change: '2' },
      { artist: 'The Ravens', plays: '1', plays_before: '1', change: '0' },
    ]);
  });

  it('plays_by_artist_and_month goes month by month', async () => {
    assert.deepEqual(await ask('plays_by_artist_and_month'), [
      { artist: 'Ada Kaur', month: '2018-11', plays: '2', change: null },
      { artist: 'The Ravens', month: '2018-10', plays: '1', change: null },
      { artist: 'The Ravens', month: '2018-11', plays: '2', change: '1' },
    ]);
  });

  it('listeners_by_gender, _level and _location count listeners and plays', async () => {
    assert.deepEqual(await ask('listeners_by_gender'), [
      { gender: 'F', listeners: '1', plays: '4' },
      { gender: 'M', listeners: '1', plays: '2' },
    ]);
    assert.deepEqual(await ask('listeners_by_level'), [
      { level: 'free', listeners: '1', plays: '4' },
      { level: 'paid', listeners: '1', plays: '2' },
    ]);
    assert.deepEqual(await ask('listeners_by_location'), [
      { location: 'Eugene, OR', listeners: '1', plays: '4' },
      { location: 'unknown', listeners: '1', plays: '2' },
    ]);
  });

  it('peak_hours and peak_weekdays count plays in the order of the clock and of the week', async () => {
    assert.deepEqual(await ask('peak_hours'), [
      { hour: '10', plays: '5', listeners: '2' },
      { hour: '11', plays: '1', listeners: '1' },
    ]);
    assert.deepEqual(await ask('peak_weekdays'), [
      { weekday: 'Monday', plays: '3', listeners: '2' },
      { weekday: 'Tuesday', plays: '1', listeners: '1' },
      { weekday: 'Friday', plays: '1', listeners: '1' },
      { weekday: 'Saturday', plays: '1', listeners: '1' },
    ]);
  });

  it('plays_by_weekday_and_hour and plays_by_day spread the plays over time', async () => {
    assert.deepEqual(await ask('plays_by_weekday_and_hour'), [
      { weekday: 'Monday', hour: '10', plays: '2' },
      { weekday: 'Monday', hour: '11', plays: '1' },
      { weekday: 'Tuesday', hour: '10', plays: '1' },
      { weekday: 'Friday', hour: '10', plays: '1' },
      { weekday: 'Saturday', hour: '10', plays: '1' },
    ]);
    assert.deepEqual(await ask('plays_by_day'), [
      { day: '2018-10-06', plays: '1', listeners: '1' },
      { day: '2018-11-02', plays: '1', listeners: '1' },
      { day: '2018-11-05', plays: '3', listeners: '2' },
      { day: '2018-11-06', plays: '1', listeners: '1' },
    ]);
  });
});
