import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The smallest warehouse with every part: one source, a staging table, two star tables, a check, a question, two designs. */
export const SMALL_WAREHOUSE: Readonly<Record<string, string>> = {
  'warehouse.yaml': `title: Small
sources:
  events: { prefix: log/, format: json, jsonpaths: paths.json }
tables:
  staging: { role: staging, key: [id] }
  users: { role: dimension, key: [user_id] }
  plays: { role: fact, key: [play_id] }
load:
  staging: { copy: events }
  plays: { needs: [staging, users] }
  users: { needs: [staging] }
defaultDesign: auto
designs:
  auto: { title: Redshift chooses, tables: {} }
  keyed:
    title: By user
    tables:
      users: { diststyle: all, sortkey: [user_id] }
      plays: { distkey: user_id, sortkey: { interleaved: [user_id, play_id] } }
checks:
  users_unique: { title: Users are unique }
questions:
  busiest: { title: Who is busiest?, chart: { kind: bar, x: user_id, y: [plays] } }
`,
  'tables/staging.sql': 'create table staging (id integer, user_id integer);\n',
  'tables/users.sql': '-- users\ncreate table users (\n  user_id integer not null,\n  primary key (user_id)\n);\n',
  'tables/plays.sql': 'create table plays (play_id integer, user_id integer);\n',
  'load/users.sql': 'insert into users (user_id) select distinct user_id from staging;\n',
  'load/plays.sql':
    'insert into plays (play_id, user_id) select id, users.user_id from staging join users on users.user_id = staging.user_id;\n',
  'checks/users_unique.sql': 'select user_id from users group by user_id having count(*) > 1;\n',
  'questions/busiest.sql': 'select user_id, count(*) as plays from plays group by user_id;\n',
};

/** Folders of warehouses in a scratch directory. */
export class WarehouseRoot {
  private constructor(readonly path: string) {}

  static async make(): Promise<WarehouseRoot> {
    return new WarehouseRoot(await mkdtemp(join(tmpdir(), 'starshift-warehouses-')));
  }

  /** Writes a warehouse: the small one with some files changed, or left out (undefined). */
  async write(name: string, changes: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    const files = { ...SMALL_WAREHOUSE, ...changes };
    await rm(join(this.path, name), { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) continue;
      await mkdir(dirname(join(this.path, name, path)), { recursive: true });
      await writeFile(join(this.path, name, path), text);
    }
  }

  /** Writes the small warehouse with one piece of its warehouse.yaml replaced. */
  async writeEdited(name: string, from: string, to: string): Promise<void> {
    const yaml = SMALL_WAREHOUSE['warehouse.yaml'] ?? '';
    if (!yaml.includes(from)) throw new Error(`warehouse.yaml of the small warehouse does not hold ${from}`);
    await this.write(name, { 'warehouse.yaml': yaml.replace(from, to) });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
