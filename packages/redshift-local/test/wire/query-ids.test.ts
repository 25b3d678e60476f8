import assert from 'node:assert/strict';
import { QueryIds } from '../../src/wire/query-ids.js';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

describe('query ids', () => {
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start();
  });
  after(() => endpoint.stop());

  async function lastId(): Promise<number> {
    const client = await endpoint.connect();
    await client.query('select 1;'.repeat(3000));
    const { rows } = await client.query('select pg_last_query_id() as id');
    await client.end();
    return Number(rows[0].id);
  }

  it('rise over restarts of the endpoint, however fast statements came and whether or not they were written', async () => {
    const ids: number[] = [];
    for (let run = 0; run < 3; run++) {
      ids.push(await lastId());
      await endpoint.restart();
    }
    assert.deepEqual(
      ids,
      ids.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(ids).size, 3);
  });

  it('start above those that the histories of any database hold', async () => {
    await endpoint.restart(async () => {
      const inside = await endpoint.engine.connect('dev');
      await inside.query(
        `insert into redshift_local.load_history (query_id, status, session_id) values (1500000000, 'completed', 0)`,
      );
      await inside.end();
    });
    assert.ok((await lastId()) > 1_500_000_000);
  });

  it('are reserved ahead, and go on when a reservation fails', async () => {
    const floors: number[] = [];
    const errors: string[] = [];
    const store = {
      reserve: async (floor: number, count: number) => {
        floors.push(floor);
        if (floors.length === 2) throw new Error('the server is away');
        return floor + count;
      },
      onError: (error: Error) => void errors.push(error.message),
    };
    const ids = await QueryIds.open(store, 2_000_000_000);
    for (let count = 0; count < 30_000; count++) ids.next();
    await ids.settled();
    const last = ids.next();
    await ids.settled();
    assert.equal(last, 2_000_030_001);
    assert.deepEqual(errors, ['the server is away']);
    assert.deepEqual(floors, [2_000_000_000, 2_000_020_000, 2_000_030_001]);
  });
});
