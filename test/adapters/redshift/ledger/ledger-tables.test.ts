import assert from 'node:assert/strict';
import { ensureLedger, guardTable } from '../../../../src/adapters/redshift/ledger/ledger-tables.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { Staging } from '../../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

describe('ledger', () => {
  const schema = uniqueName('ledger_');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
  });

  after(() => restore());

  function ensure(table: string) {
    return warehouse.inSession((session) => ensureLedger(session, [{ schema, table }]));
  }

  async function columns(name: string): Promise<readonly (string | null | undefined)[]> {
    const rows = await warehouse.query(
      `select column_name from svv_columns where table_schema = 'starshift' and table_name = '${name}' order by ordinal_position`,
    );
    return rows.map((row) => row.column_name);
  }

  /** A guard as the first release made it. */
  async function oldGuard(table: string): Promise<string> {
    await ensure('any');
    const name = guardTable({ schema, table });
    await warehouse.query(
      `create table starshift.${name} (workflow_id varchar(1024) not null, run_id varchar(64) not null, step varchar(256) not null) diststyle all`,
    );
    return name;
  }

  const GUARD = ['workflow_id', 'run_id', 'step', 'change', 'load_number', 'source_table', 'total_rows'];

  it('of an older release gets the columns that it lacks, and keeps its rows', async () => {
    const guard = await oldGuard('old');
    await warehouse.query(`insert into starshift.${guard} values ('w', 'r', 's')`);
    await ensure('old');
    assert.deepEqual(await columns(guard), GUARD);
    assert.deepEqual(
      (await warehouse.query(`select step, load_number from starshift.${guard}`)).map((row) => ({ ...row })),
      [{ step: 's', load_number: null }],
    );
  });

  it('gets them once when several sessions find them missing', async () => {
    const guard = await oldGuard('raced');
    await Promise.all(Array.from({ length: 6 }, () => ensure('raced')));
    assert.deepEqual(await columns(guard), GUARD);
  });

  it('is only looked at when nothing is missing', async () => {
    await ensure('complete');
    const statements = await warehouse.inSession(async (session) => {
      const sent: string[] = [];
      const { run, runRaw } = session;
      session.runRaw = (statement) => {
        sent.push(statement.sql);
        return runRaw.call(session, statement);
      };
      session.run = (statement) => run.call(session, statement);
      await ensureLedger(session, [{ schema, table: 'complete' }]);
      return sent;
    });
    assert.equal(statements.length, 1);
  });

  it('takes a table that an older release has loaded for unknown, until it is loaded in full', async () => {
    const staging = new Staging(warehouse, schema, uniqueName('t'));
    await warehouse.query(`create table ${staging.table} (id bigint)`, schema);
    const guard = await oldGuard(staging.table);
    await warehouse.query(`insert into starshift.${guard} values ('w', 'r', '${staging.table}')`);
    await warehouse.query(`insert into ${staging.table} values (1)`, schema);
    await staging.put('1.json', [{ id: 1 }]);
    await assert.rejects(staging.load('r1', { incremental: true }), { kind: 'ledgerMismatch' });
    assert.equal((await staging.load('r2')).rows, 1);
    assert.equal((await staging.load('r3', { incremental: true })).rows, 0);
  });
});
