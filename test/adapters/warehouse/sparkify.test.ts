import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { warehouseJsonSchema } from '../../../src/adapters/warehouse/warehouse-file.js';
import { openWarehouseFolders } from '../../../src/adapters/warehouse/warehouse-folder.js';
import { PROJECT_ROOT } from '../../../src/config.js';

const SQL = join(PROJECT_ROOT, 'sql');

describe('sparkify warehouse', () => {
  it('is valid and loads in three levels', async () => {
    const warehouse = await openWarehouseFolders(SQL).load('sparkify');
    const { load } = warehouse.plan({ schema: 'public', source: { url: 's3://bucket' } });
    assert.deepEqual(
      load.map(({ id, needs }) => `${id} <- ${needs.join(' ')}`.trim()),
      [
        'staging_events <-',
        'staging_songs <-',
        'users <- staging_events',
        'artists <- staging_songs',
        'songs <- staging_songs',
        'songplays <- staging_events staging_songs',
        'time <- songplays',
      ],
    );
  });

  it('has the four designs, by-song by default', async () => {
    const warehouse = await openWarehouseFolders(SQL).load('sparkify');
    assert.equal(warehouse.defaultDesign, 'by-song');
    const attributes = (design: string) =>
      Object.fromEntries(
        warehouse
          .createStatements(design)
          .filter(({ table }) => !table.startsWith('staging_'))
          .map(({ table, sql }) => [table, sql.split('\n').at(-1)]),
      );
    assert.deepEqual(
      warehouse.designs.map(({ name }) => name),
      ['by-user', 'by-song', 'even', 'auto'],
    );
    assert.deepEqual(attributes('by-user'), {
      songplays: 'diststyle key distkey (user_id) interleaved sortkey (start_time, song_id, artist_id)',
      users: 'diststyle key distkey (user_id) compound sortkey (user_id)',
      songs: 'diststyle all compound sortkey (song_id)',
      artists: 'diststyle all compound sortkey (artist_id)',
      time: 'diststyle key distkey (start_time) compound sortkey (start_time)',
    });
    assert.deepEqual(attributes('by-song'), {
      songplays: 'diststyle key distkey (song_id) compound sortkey (start_time)',
      users: 'diststyle all compound sortkey (user_id)',
      songs: 'diststyle key distkey (song_id) compound sortkey (song_id)',
      artists: 'diststyle all compound sortkey (artist_id)',
      time: 'diststyle all compound sortkey (start_time)',
    });
    assert.deepEqual(attributes('even'), {
      songplays: 'diststyle even',
      users: 'diststyle all compound sortkey (user_id)',
      songs: 'diststyle all',
      artists: 'diststyle all',
      time: 'diststyle all',
    });
    assert.deepEqual(attributes('auto'), {
      songplays: 'diststyle auto',
      users: 'diststyle auto',
      songs: 'diststyle auto',
      artists: 'diststyle auto',
      time: 'diststyle auto',
    });
  });

  it('stages with DISTSTYLE AUTO in every design', async () => {
    const warehouse = await openWarehouseFolders(SQL).load('sparkify');
    for (const { name } of warehouse.designs) {
      for (const { table, sql } of warehouse.createStatements(name)) {
        if (table.startsWith('staging_')) assert.equal(sql.split('\n').at(-1), 'diststyle auto', `${table} of ${name}`);
      }
    }
  });

  it('has a JSON Schema for editors that is current and accepts its warehouse.yaml', async () => {
    const schema = JSON.parse(await readFile(join(SQL, 'warehouse.schema.json'), 'utf8'));
    const advice = 'run npx tsx test/adapters/warehouse/write-json-schema.ts';
    assert.deepEqual(schema, warehouseJsonSchema(), advice);
    const validate = new Ajv2020({ strict: false }).compile(schema);
    validate(parse(await readFile(join(SQL, 'sparkify/warehouse.yaml'), 'utf8')));
    assert.deepEqual(validate.errors ?? [], []);
  });
});
