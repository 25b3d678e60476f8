import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describePlan } from '../../../src/adapters/warehouse/describe-plan.js';
import type { Warehouse } from '../../../src/adapters/warehouse/warehouse.js';
import { openWarehouseFolders } from '../../../src/adapters/warehouse/warehouse-folder.js';
import { WarehouseRoot } from './small-warehouse.js';

describe('warehouse folder', () => {
  let root: WarehouseRoot;
  let warehouse: Warehouse;

  before(async () => {
    root = await WarehouseRoot.make();
    await root.write('small');
    warehouse = await openWarehouseFolders(root.path).load('small');
  });

  after(() => root.remove());

  it('lists the folders that hold a warehouse.yaml', async () => {
    await root.write('another');
    await mkdir(join(root.path, 'empty'));
    assert.deepEqual(await openWarehouseFolders(root.path).list(), ['another', 'small']);
  });

  it('plans the load in an order in which each step comes after what it needs', () => {
    const plan = warehouse.plan({ schema: 'public', source: { url: 's3://bucket/music/' } });
    assert.deepEqual(plan.load, [
      { kind: 'stage', id: 'staging', table: 'staging', source: 'events', url: 's3://bucket/music/log/', needs: [] },
      { kind: 'transform', id: 'users', table: 'users', reads: ['staging'], needs: ['staging'] },
      { kind: 'transform', id: 'plays', table: 'plays', reads: ['staging', 'users'], needs: ['staging', 'users'] },
    ]);
    assert.equal(plan.design, 'auto');
    assert.deepEqual(plan.tables, [
      { name: 'staging', role: 'staging' },
      { name: 'users', role: 'dimension' },
      { name: 'plays', role: 'fact' },
    ]);
    assert.deepEqual(plan.checks, [{ id: 'users_unique', title: 'Users are unique', severity: 'error' }]);
    assert.match(plan.revision, /^[0-9a-f]{12}$/);
  });

  it('leaves out stage steps, and the need of them, without a source', () => {
    const { load } = warehouse.plan({ schema: 'public' });
    assert.deepEqual(
      load.map(({ id, needs }) => ({ id, needs })),
      [
        { id: 'users', needs: [] },
        { id: 'plays', needs: ['users'] },
      ],
    );
  });

  it('puts the attributes of the design behind the closing parenthesis', () => {
    assert.deepEqual(warehouse.createStatements('keyed'), [
      { table: 'staging', sql: 'create table staging (id integer, user_id integer)\ndiststyle auto' },
      {
        table: 'users',
        sql: '-- users\ncreate table users (\n  user_id integer not null,\n  primary key (user_id)\n)\ndiststyle all compound sortkey (user_id)',
      },
      {
        table: 'plays',
        sql: 'create table plays (play_id integer, user_id integer)\ndiststyle key distkey (user_id) interleaved sortkey (user_id, play_id)',
      },
    ]);
  });

  it('gives what COPY is told about a source, defaults filled in', () => {
    assert.deepEqual(warehouse.copySpec('events'), {
      ...{ prefix: 'log/', format: 'json', jsonpaths: 'paths.json', compression: 'auto', options: {} },
    });
  });

  it('gives statements without their semicolon', () => {
    assert.equal(warehouse.loadStatement('users'), 'insert into users (user_id) select distinct user_id from staging');
    assert.equal(warehouse.check('users_unique').sql, 'select user_id from users group by user_id having count(*) > 1');
    assert.deepEqual(warehouse.question('busiest'), {
      id: 'busiest',
      title: 'Who is busiest?',
      chart: { kind: 'bar', x: 'user_id', y: ['plays'] },
      sql: 'select user_id, count(*) as plays from plays group by user_id',
    });
  });

  it('takes a load statement apart for incremental loads', () => {
    assert.deepEqual(warehouse.transform('plays'), {
      table: 'plays',
      sql: 'insert into plays (play_id, user_id) select id, users.user_id from staging join users on users.user_id = staging.user_id',
      columns: ['play_id', 'user_id'],
      query: 'select id, users.user_id from staging join users on users.user_id = staging.user_id',
      key: ['play_id'],
      lineage: { staged: ['staging'], derived: [{ table: 'users', sources: ['staging'] }] },
    });
  });

  it('gives the incremental statement of a step that has one, and prints it with the plan', async () => {
    const sql = '-- of new rows\ninsert into users (user_id)\nselect distinct user_id from new_staging';
    await root.write('quick', { 'load/users.incremental.sql': `${sql};\n` });
    const quick = await openWarehouseFolders(root.path).load('quick');
    assert.deepEqual(quick.transform('users').incremental, {
      sql,
      columns: ['user_id'],
      query: 'select distinct user_id from new_staging',
      newRowsOf: ['staging'],
    });
    assert.equal(quick.transform('plays').incremental, undefined);
    const text = describePlan(quick, { schema: 'public', copyStatement: () => '' });
    assert.ok(
      text.includes(
        `-- load public.users incrementally, when rows were only added to what it reads: the final rows of the keys they affect\n${sql};\n`,
      ),
    );
  });

  it('counts the tables that only the incremental statement reads as what the rows come from', async () => {
    await root.write('wide', {
      'load/plays.sql': 'insert into plays (play_id, user_id) select user_id, user_id from users',
      'load/plays.incremental.sql': 'insert into plays (play_id, user_id) select id, id from new_staging',
    });
    const wide = await openWarehouseFolders(root.path).load('wide');
    assert.deepEqual(wide.transform('plays').lineage, {
      staged: ['staging'],
      derived: [{ table: 'users', sources: ['staging'] }],
    });
  });

  it('tells tables with role, key and columns', () => {
    assert.deepEqual(warehouse.tables[2], {
      name: 'plays',
      role: 'fact',
      key: ['play_id'],
      columns: ['play_id', 'user_id'],
    });
  });

  it('changes its revision with every file, and reads the folder anew', async () => {
    const folders = openWarehouseFolders(root.path);
    const first = await folders.load('another');
    assert.equal(first, await folders.load('another'));
    await root.write('another', { 'load/users.sql': 'insert into users (user_id) select user_id from staging' });
    const second = await folders.load('another');
    assert.notEqual(second.revision, first.revision);
    assert.equal(second.loadStatement('users'), 'insert into users (user_id) select user_id from staging');
  });

  it('prints the DAG and the exact SQL in the order of execution', () => {
    const text = describePlan(warehouse, {
      schema: 'public',
      source: { url: 's3://bucket/music' },
      copyStatement: (step, spec) => `copy ${step.table} from '${step.url}' format as ${spec.format}`,
    });
    assert.equal(
      text,
      `-- warehouse small, revision ${warehouse.revision}: Small
-- design auto: Redshift chooses
-- schema public

-- load
-- level 1
--   staging <- COPY s3://bucket/music/log/
-- level 2
--   users <- staging
-- level 3
--   plays <- staging, users

-- create public.staging
create table staging (id integer, user_id integer)
diststyle auto;

-- create public.users
-- users
create table users (
  user_id integer not null,
  primary key (user_id)
)
diststyle auto;

-- create public.plays
create table plays (play_id integer, user_id integer)
diststyle auto;

-- stage public.staging
copy staging from 's3://bucket/music/log/' format as json;

-- load public.users from staging
insert into users (user_id) select distinct user_id from staging;

-- load public.plays from staging, users
insert into plays (play_id, user_id) select id, users.user_id from staging join users on users.user_id = staging.user_id;

-- check users_unique (error): Users are unique
select user_id from users group by user_id having count(*) > 1;
`,
    );
  });
});
