import { runCheck } from '../../src/adapters/redshift/run-check.js';
import type { Row, Session } from '../../src/adapters/redshift/session/session.js';
import type { Warehouse } from '../../src/adapters/warehouse/warehouse.js';
import { getTestWarehouse, type TestWarehouse, uniqueName } from '../adapters/support/test-warehouse.js';

/** One event of staging_events; what a test does not name is an ordinary play by user 7. */
export type StagedEvent = Readonly<Record<string, string | number | null>>;
/** One track of staging_songs. */
export type StagedSong = Readonly<Record<string, string | number | null>>;

/** 2018-11-05 10:00:00.123 UTC, a Monday. */
export const MONDAY = 1541412000123;

const EVENT: StagedEvent = {
  ...{ artist: 'The Ravens', auth: 'Logged In', firstname: 'Ada', gender: 'F', iteminsession: 0, lastname: 'Kaur' },
  ...{
    length: 200.5,
    level: 'free',
    location: 'Eugene, OR',
    method: 'PUT',
    page: 'NextSong',
    registration: 1540000000000,
  },
  ...{ sessionid: 1, song: 'River', status: 200, ts: MONDAY, useragent: 'Mozilla', userid: 7 },
};

const SONG: StagedSong = {
  ...{
    artist_id: 'AR1',
    artist_latitude: null,
    artist_location: null,
    artist_longitude: null,
    artist_name: 'The Ravens',
  },
  ...{ duration: 200.5, num_songs: 1, song_id: 'SO1', title: 'River', year: 0 },
};

export const event = (change: StagedEvent = {}): StagedEvent => ({ ...EVENT, ...change });
export const song = (change: StagedSong = {}): StagedSong => ({ ...SONG, ...change });

/** The tables of the Sparkify warehouse in a schema of their own, on the local Redshift. */
export class StarFixture {
  private constructor(
    private readonly server: TestWarehouse,
    readonly warehouse: Warehouse,
    private readonly schema: string,
  ) {}

  static async create(): Promise<StarFixture> {
    const server = await getTestWarehouse();
    const warehouse = await server.adapters.warehouses.load('sparkify');
    const schema = uniqueName('star_');
    await server.query(`create schema ${schema}`);
    const fixture = new StarFixture(server, warehouse, schema);
    const statements = warehouse.createStatements(warehouse.defaultDesign).map(({ sql }) => sql);
    await fixture.inSession((session) => run(session, statements));
    return fixture;
  }

  /** Stages exactly these rows, in this order. */
  async stage(events: readonly StagedEvent[], songs: readonly StagedSong[] = []): Promise<void> {
    const statements = ['delete from staging_events', 'delete from staging_songs'];
    if (events.length > 0) statements.push(insertInto('staging_events', events));
    if (songs.length > 0) statements.push(insertInto('staging_songs', songs));
    await this.inSession((session) => run(session, statements));
  }

  /** A full load of every star table. */
  async load(): Promise<void> {
    const { load } = this.warehouse.plan({ schema: this.schema });
    const statements = load.flatMap(({ id, table }) => [`delete from ${table}`, this.warehouse.loadStatement(id)]);
    await this.inSession((session) => run(session, statements));
  }

  /** Rows of one statement; the values as text. */
  query(sql: string): Promise<Row[]> {
    return this.inSession(async (session) => {
      const { rows } = await session.run({ sql, action: 'Test query' });
      return rows.map((row) => ({ ...row }));
    });
  }

  /** What the checks that failed found: `offending` rows by check. */
  failedChecks(): Promise<Record<string, number>> {
    const { checks } = this.warehouse.plan({ schema: this.schema });
    return this.inSession(async (session) => {
      const failed: Record<string, number> = {};
      for (const { id } of checks) {
        const { passed, offending } = await runCheck(session, this.warehouse.check(id));
        if (!passed) failed[id] = offending;
      }
      return failed;
    });
  }

  private inSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.server.inSession(work, { schema: this.schema });
  }
}

async function run(session: Session, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await session.run({ sql, action: 'Test statement' });
}

function insertInto(table: string, rows: readonly Readonly<Record<string, string | number | null>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`);
  return `insert into ${table} (${columns.join(', ')}) values ${values.join(', ')}`;
}

/** Redshift takes a backslash in a string for the begin of an escape. */
function literal(value: string | number | null): string {
  return typeof value === 'string' ? `'${value.replaceAll(/[\\']/g, '$&$&')}'` : String(value);
}
