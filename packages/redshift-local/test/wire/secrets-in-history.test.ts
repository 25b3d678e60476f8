import assert from 'node:assert/strict';
import { SqlEndpoint } from './fixture/sql-endpoint.js';

const KEYS = "access_key_id 'AKIDHIDDEN' secret_access_key 'SECRETHIDDEN'";

describe('secrets of statements', () => {
  const log: string[] = [];
  let endpoint: SqlEndpoint;
  before(async () => {
    endpoint = await SqlEndpoint.start({ log: (line) => void log.push(line) });
  });
  after(() => endpoint.stop());

  it('are in no view of the histories and in no line of the log', async () => {
    const client = await endpoint.connect();
    await client.query("create user masked password 'Hidden-Password-1'");
    await client.query('create table secrets (n int)');
    await assert.rejects(client.query(`copy secrets from 's3://nowhere/x' ${KEYS} csv`));
    await assert.rejects(client.query(`copy secrets from 's3://nowhere/x' ${KEYS} 'SECRETHIDDEN' csv`), {
      code: '42601',
    });
    const { rows } = await client.query('select trim(query_text) as text from sys_query_history order by query_id');
    assert.deepEqual(
      rows.map(({ text }) => text).filter((text) => text.includes('***')),
      [
        "create user masked password '***'",
        "copy secrets from 's3://nowhere/x' access_key_id '***' secret_access_key '***' csv",
        "copy secrets from 's3://nowhere/x' access_key_id '***' secret_access_key '***' '***' csv",
      ],
    );
    for (const view of [
      'sys_query_history',
      'sys_query_text',
      'stl_query',
      'stl_querytext',
      'stv_recents',
      'sys_load_history',
    ]) {
      const found = await client.query(
        `select count(*) as n from ${view} v where v::text like '%' || 'HIDD' || 'EN%' or v::text like '%Hid' || 'den%'`,
      );
      assert.deepEqual(found.rows, [{ n: '0' }], view);
    }
    assert.deepEqual(
      log.filter((line) => /hidden/i.test(line)),
      [],
    );
  });
});
