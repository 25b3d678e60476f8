import assert from 'node:assert/strict';
import { InvalidWarehouseError } from '../../../src/adapters/warehouse/invalid-warehouse-error.js';
import { openWarehouseFolders } from '../../../src/adapters/warehouse/warehouse-folder.js';
import { SMALL_WAREHOUSE, WarehouseRoot } from './small-warehouse.js';

describe('invalid warehouse', () => {
  let root: WarehouseRoot;

  before(async () => {
    root = await WarehouseRoot.make();
  });

  after(() => root.remove());

  /** The lines of the message, without its head. */
  async function errorsOf(name = 'small'): Promise<string[]> {
    try {
      await openWarehouseFolders(root.path).load(name);
    } catch (error) {
      assert.ok(error instanceof InvalidWarehouseError, String(error));
      assert.equal(error.kind, 'invalidWarehouse');
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    }
    assert.fail('the warehouse is valid');
  }

  /** What is wrong after one piece of warehouse.yaml was replaced. */
  async function errorsAfter(from: string, to: string): Promise<string[]> {
    await root.writeEdited('small', from, to);
    return errorsOf();
  }

  it('lists the warehouses there are when the name is unknown', async () => {
    await root.write('small');
    assert.deepEqual(await errorsOf('smal'), [`smal: is not a warehouse of ${root.path}; there are small`]);
  });

  it('never reads outside of its root', async () => {
    assert.deepEqual(await errorsOf('../small'), [`../small: is not a warehouse of ${root.path}; there are small`]);
  });

  it('lists the designs, sources, steps, checks and questions there are', async () => {
    await root.write('small');
    const warehouse = await openWarehouseFolders(root.path).load('small');
    const message = (text: string) => ({ message: `Warehouse small has an error:\n  warehouse.yaml${text}` });
    assert.throws(
      () => warehouse.plan({ schema: 'public', design: 'evne' }),
      message(' designs: there is no design "evne"; there are auto, keyed'),
    );
    assert.throws(
      () => warehouse.createStatements('evne'),
      message(' designs: there is no design "evne"; there are auto, keyed'),
    );
    assert.throws(() => warehouse.copySpec('x'), message(' sources: there is no source "x"; there are events'));
    assert.throws(
      () => warehouse.loadStatement('staging'),
      message(': there is no transform step "staging"; there are plays, users'),
    );
    assert.throws(
      () => warehouse.check('toString'),
      message(' checks: there is no check "toString"; there are users_unique'),
    );
    assert.throws(() => warehouse.question('x'), message(' questions: there is no question "x"; there are busiest'));
  });

  it('names line, path and an example of everything that is wrong in warehouse.yaml at once', async () => {
    const yaml = (SMALL_WAREHOUSE['warehouse.yaml'] ?? '')
      .replace('title: Small\n', '')
      .replace('format: json', 'format: xml')
      .replace('role: dimension', 'rolle: dimension')
      .replace('users: { needs: [staging] }', 'users: { needs: [] }');
    await root.write('small', { 'warehouse.yaml': yaml });
    assert.deepEqual(await errorsOf(), [
      'warehouse.yaml:1 title: is missing; write for example title: Sparkify, songs and their plays',
      'warehouse.yaml:2 sources.events.format: is not a format that can be staged; write json',
      'warehouse.yaml:5 tables.users.role: is not a role; write staging, fact or dimension',
      'warehouse.yaml:5 tables.users.rolle: is not a known field; remove it or mend its name',
      'warehouse.yaml:10 load.users.needs: names no step; write for example [staging_events]',
    ]);
  });

  it('names the line of broken YAML and of a name used twice', async () => {
    const twice = 'users: { needs: [staging] }\n  users: { needs: [staging] }';
    assert.deepEqual(await errorsAfter('users: { needs: [staging] }', twice), [
      'warehouse.yaml:12: is not valid YAML: Map keys must be unique',
    ]);
    const [broken, ...more] = await errorsAfter('tables:\n', 'tables: [\n');
    assert.match(broken ?? '', /^warehouse\.yaml:\d+: is not valid YAML: /);
    assert.ok(more.length >= 0);
  });

  it('takes an empty warehouse.yaml for one that lacks everything', async () => {
    await root.write('small', { 'warehouse.yaml': '' });
    assert.deepEqual(
      (await errorsOf()).map((line) => line.split(':')[1]?.split(' ')[1]),
      ['title', 'sources', 'tables', 'load', 'defaultDesign', 'designs'],
    );
  });

  it('names the steps of a circle', async () => {
    assert.ok(
      (await errorsAfter('users: { needs: [staging] }', 'users: { needs: [plays, staging] }')).includes(
        'warehouse.yaml:10 load.plays.needs: the steps need each other in a circle: plays -> users -> plays',
      ),
    );
  });

  it('names a need that is no step, and the steps there are', async () => {
    assert.deepEqual(await errorsAfter('needs: [staging, users]', 'needs: [staging, users, usres]'), [
      'warehouse.yaml:10 load.plays.needs.2: there is no step "usres"; there are staging, plays, users',
    ]);
  });

  it('finds a table that a statement reads before it is loaded', async () => {
    assert.deepEqual(await errorsAfter('needs: [staging, users]', 'needs: [staging]'), [
      'warehouse.yaml:10 load.plays.needs: load/plays.sql reads users; add users to the needs',
    ]);
  });

  it('finds a source that does not exist and one that nobody copies', async () => {
    assert.deepEqual(await errorsAfter('copy: events', 'copy: evnets'), [
      'warehouse.yaml:9 load.staging.copy: there is no source "evnets"; there are events',
      'warehouse.yaml:3 sources.events: is never copied; add a load step { copy: ... } or remove it',
    ]);
  });

  it('does not COPY into a star table', async () => {
    assert.ok(
      (await errorsAfter('users: { needs: [staging] }', 'users: { copy: events }')).includes(
        'warehouse.yaml:11 load.users.copy: COPY fills staging tables, and users is a dimension; write needs: [...]',
      ),
    );
  });

  it('finds tables that are never loaded and staging tables that are never read', async () => {
    await root.write('small', {
      'warehouse.yaml': (SMALL_WAREHOUSE['warehouse.yaml'] ?? '').replace(
        'load:\n',
        '  idle: { role: dimension, key: [id] }\n  raw: { role: staging, key: [id] }\nload:\n  raw: { copy: events }\n',
      ),
      'tables/idle.sql': 'create table idle (id integer)',
      'tables/raw.sql': 'create table raw (id integer)',
    });
    assert.deepEqual(await errorsOf(), [
      'warehouse.yaml:8 tables.idle: is never loaded; add it to load, for example idle: { needs: [staging_events] }',
      'warehouse.yaml:9 tables.raw: is staged and never read; name it in a load step, check or question, or remove it',
    ]);
  });

  it('checks designs against tables and columns', async () => {
    const yaml = (SMALL_WAREHOUSE['warehouse.yaml'] ?? '')
      .replace('defaultDesign: auto', 'defaultDesign: best')
      .replace(
        'users: { diststyle: all, sortkey: [user_id] }',
        'users: { diststyle: all, distkey: userid, sortkey: [user_id, user_id] }',
      )
      .replace(
        'plays: { distkey: user_id',
        'playz: { diststyle: all }\n      staging: { diststyle: key }\n      plays: { distkey: user_id',
      )
      .replace('interleaved: [user_id, play_id]', 'interleaved: [a, b, c, d, e, f, g, h, i]');
    await root.write('small', { 'warehouse.yaml': yaml });
    const unknown = [...'abcdefghi'].map(
      (name) =>
        `warehouse.yaml:21 designs.keyed.tables.plays.sortkey: plays has no column "${name}"; it has play_id, user_id`,
    );
    assert.deepEqual(await errorsOf(), [
      'warehouse.yaml:12 defaultDesign: there is no design "best"; there are auto, keyed',
      'warehouse.yaml:18 designs.keyed.tables.users.distkey: users has no column "userid"; it has user_id',
      'warehouse.yaml:18 designs.keyed.tables.users.diststyle: all contradicts the distkey; leave one of them out',
      'warehouse.yaml:18 designs.keyed.tables.users.sortkey: names a column twice',
      'warehouse.yaml:19 designs.keyed.tables.playz: is not a table; there are staging, users, plays',
      'warehouse.yaml:20 designs.keyed.tables.staging.diststyle: key needs a column; write for example distkey: user_id',
      ...unknown,
      'warehouse.yaml:21 designs.keyed.tables.plays.sortkey: has 9 interleaved columns; Redshift takes at most 8',
    ]);
  });

  it('checks keys and inserted columns against the CREATE TABLE', async () => {
    await root.write('small', {
      'warehouse.yaml': (SMALL_WAREHOUSE['warehouse.yaml'] ?? '').replace('key: [play_id]', 'key: [playid]'),
      'load/users.sql': 'insert into users (user_id, name) select user_id, user_id from staging',
    });
    assert.deepEqual(await errorsOf(), [
      'warehouse.yaml:7 tables.plays.key: plays has no column "playid"; it has play_id, user_id',
      'load/users.sql: users has no column "name"; it has user_id',
    ]);
  });

  it('finds files that are missing, empty, not asked for, or hold more than one statement', async () => {
    await root.write('small', {
      'tables/users.sql': undefined,
      'load/users.sql': '-- later\n',
      'load/plays.sql': 'insert into plays (play_id) select id from staging;\ndelete from plays;\n',
      'checks/forgotten.sql': 'select 1',
    });
    assert.deepEqual(await errorsOf(), [
      'tables/users.sql: is missing, and warehouse.yaml asks for it',
      'load/plays.sql:2: holds more than one statement; write one a file',
      'load/users.sql:1: holds no statement',
      'checks/forgotten.sql: is not named in warehouse.yaml and would never run; add forgotten under checks, or remove the file',
    ]);
  });

  it('finds a statement that reads the table it fills', async () => {
    await root.write('small', {
      'load/users.sql': 'insert into users (user_id) select user_id from staging union select user_id from users',
    });
    assert.deepEqual(await errorsOf(), [
      'load/users.sql: reads users, the table it fills: a full load empties it first',
    ]);
  });

  describe('with incremental statements', () => {
    /** What is wrong when load/plays.incremental.sql holds this. */
    async function errorsWith(sql: string, changes: Readonly<Record<string, string>> = {}): Promise<string[]> {
      await root.write('small', { 'load/plays.incremental.sql': sql, ...changes });
      return errorsOf();
    }

    it('names columns that the two statements do not share', async () => {
      assert.deepEqual(await errorsWith('insert into plays (play_id) select id from new_staging'), [
        'load/plays.incremental.sql: fills play_id, and load/plays.sql play_id, user_id; name the same columns',
      ]);
    });

    it('refuses a statement that is no INSERT of a query into the table', async () => {
      assert.deepEqual(await errorsWith('insert into users (user_id) select id from new_staging'), [
        'load/plays.incremental.sql:1: is not an INSERT into plays; write insert into plays (...) select ...',
      ]);
    });

    it('refuses a statement that reads the table it fills', async () => {
      const sql =
        'insert into plays (user_id, play_id) select user_id, id from new_staging union select 1, play_id from plays';
      assert.deepEqual(await errorsWith(sql), [
        'load/plays.incremental.sql: reads plays, the table it fills: give the rows as the staging tables make them, so that it does no harm to take rows in twice',
      ]);
    });

    it('finds tables, and new rows of tables, that the step does not need', async () => {
      const yaml = (SMALL_WAREHOUSE['warehouse.yaml'] ?? '')
        .replace('plays: { needs: [staging, users] }', 'plays: { needs: [other] }\n  other: { copy: events }')
        .replace('  users: {', '  other: { role: staging, key: [id] }\n  users: {');
      const sql =
        'insert into plays (play_id, user_id) select s.id, o.id from new_staging s join users on true join new_other o on true';
      const changes = {
        'warehouse.yaml': yaml,
        'tables/other.sql': 'create table other (id integer)',
        'load/plays.sql': 'insert into plays (play_id, user_id) select id, id from other',
      };
      assert.deepEqual(await errorsWith(sql, changes), [
        'warehouse.yaml:11 load.plays.needs: load/plays.incremental.sql reads users; add users to the needs',
        'warehouse.yaml:11 load.plays.needs: load/plays.incremental.sql reads new_staging; add staging to the needs',
      ]);
    });

    it('finds new rows of a table that COPY does not fill', async () => {
      const sql = 'insert into plays (play_id, user_id) select id, u.user_id from new_staging join new_users u on true';
      assert.deepEqual(await errorsWith(sql), [
        'load/plays.incremental.sql: reads new_users, but users is not filled by COPY; there are new_staging',
      ]);
    });

    it('finds a table that is called like the new rows of another', async () => {
      const yaml = (SMALL_WAREHOUSE['warehouse.yaml'] ?? '')
        .replace('  users: { role', '  new_staging: { role: dimension, key: [id] }\n  users: { role')
        .replace(
          'plays: { needs: [staging, users] }',
          'plays: { needs: [staging, users] }\n  new_staging: { needs: [staging] }',
        );
      const changes = {
        'warehouse.yaml': yaml,
        'tables/new_staging.sql': 'create table new_staging (id integer)',
        'load/new_staging.sql': 'insert into new_staging (id) select id from staging',
      };
      const [first] = await errorsWith('insert into plays (play_id, user_id) select id, id from new_staging', changes);
      assert.equal(
        first,
        'load/plays.incremental.sql: reads new_staging, which is a table of the warehouse and the name of the new rows of staging; rename the table',
      );
    });

    it('finds a file of a step that there is not, or that COPY does', async () => {
      await root.write('small', {
        'load/nothing.incremental.sql': 'insert into nothing (id) select id from new_staging',
        'load/staging.incremental.sql': 'insert into staging (id) select id from new_staging',
      });
      assert.deepEqual(await errorsOf(), [
        'load/nothing.incremental.sql: is not named in warehouse.yaml and would never run; add nothing under load, or remove the file',
        'load/staging.incremental.sql: would never run, because COPY fills staging; remove the file',
      ]);
    });
  });
});
