import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUCKET, type CopyFixture, copyFixture, ROLE } from './fixture/copy-fixture.js';

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const SPARKIFY = process.env.SPARKIFY_DATA ?? path.join(REPOSITORY, '..', 'shared', 'sparkify');

async function upload(fixture: CopyFixture, folder: string, prefix: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const file of files) {
    const full = path.join(file.parentPath, file.name);
    await fixture.put(`${prefix}/${path.relative(folder, full)}`, await readFile(full));
  }
  return files.length;
}

describe('COPY of the Sparkify sample', () => {
  let fixture: CopyFixture;

  before(async function () {
    if (!existsSync(SPARKIFY)) {
      console.warn(`skipped: no Sparkify sample at ${SPARKIFY}; name its folder in SPARKIFY_DATA`);
      this.skip();
    }
    fixture = await copyFixture();
  });

  it('loads all 8056 events of the 30 log files through their JSONPaths', async () => {
    assert.equal(await upload(fixture, path.join(SPARKIFY, 'log_data'), 'log_data'), 30);
    await fixture.put('log_json_path.json', await readFile(path.join(SPARKIFY, 'log_json_path.json')));
    await fixture.rows(`
      create table staging_events (artist varchar(256), auth varchar(20), firstname varchar(50), gender char(1),
        iteminsession int, lastname varchar(50), length double precision, level varchar(10), location varchar(256),
        method varchar(10), page varchar(30), registration double precision, sessionid int, song varchar(256), status int,
        ts bigint, useragent varchar(512), userid varchar(20))`);
    const notices = await fixture.copy(`
      copy staging_events from 's3://${BUCKET}/log_data' ${ROLE} region 'us-west-2'
      format as json 's3://${BUCKET}/log_json_path.json'`);
    assert.deepEqual(notices, ["Load into table 'staging_events' completed, 8056 record(s) loaded successfully."]);
    assert.deepEqual(
      await fixture.rows(`
        select count(*), sum(case when page = 'NextSong' then 1 else 0 end), sum(case when userid = '' then 1 else 0 end), count(artist), min(ts),
               max(ts), count(distinct useragent) from staging_events`),
      [['8056', '6820', '286', '6820', '1541105830796', '1543607664796', '40']],
    );
    assert.deepEqual(
      await fixture.rows(
        "select status, loaded_rows, source_file_count, error_count from sys_load_history where table_name = 'staging_events'",
      ),
      [['completed', '8056', '30', '0']],
    );
    assert.deepEqual(
      await fixture.rows("select count(*), sum(lines_scanned) from stl_load_commits where filename like '%log_data%'"),
      [['30', '8056']],
    );
  });

  it("loads all 71 song files with 'auto'", async () => {
    assert.equal(await upload(fixture, path.join(SPARKIFY, 'song_data'), 'song_data'), 71);
    await fixture.rows(`
      create table staging_songs (artist_id varchar(20), artist_latitude double precision, artist_location varchar(256),
        artist_longitude double precision, artist_name varchar(256), duration double precision, num_songs int,
        song_id varchar(20), title varchar(256), year int)`);
    await fixture.copy(`copy staging_songs from 's3://${BUCKET}/song_data' ${ROLE} json 'auto'`);
    assert.deepEqual(await fixture.rows('select pg_last_copy_count()'), [['71']]);
    assert.deepEqual(
      await fixture.rows('select count(artist_latitude), count(distinct artist_id), sum(num_songs) from staging_songs'),
      [['31', '69', '71']],
    );
  });
});
