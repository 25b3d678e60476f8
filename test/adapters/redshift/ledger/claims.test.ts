import assert from 'node:assert/strict';
import { claimTables, clearClaimSql, releaseTables } from '../../../../src/adapters/redshift/ledger/claims.js';
import { ensureLedger } from '../../../../src/adapters/redshift/ledger/ledger-tables.js';
import type { RunningRun } from '../../../../src/domain/facts.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

function run(workflowId: string): RunningRun {
  return { workflowId, runId: `run-of-${workflowId}`, namespace: 'default', namespaceId: 'c0ffee' };
}

describe('claims', () => {
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.inSession((session) => ensureLedger(session, []));
  });
  after(() => restore());

  function newTables() {
    return { schema: uniqueName('claims_'), warehouse: 'sparkify' };
  }

  function claim(tables: { schema: string; warehouse: string }, claimant: RunningRun, over?: RunningRun) {
    return warehouse.inSession((session) =>
      claimTables(session, { tables, claimant, ...(over === undefined ? {} : { over }) }),
    );
  }

  it('are given to the first run; the next is told who has them and since when', async () => {
    const tables = newTables();
    assert.equal(await claim(tables, run('first')), undefined);
    const holder = await claim(tables, run('second'));
    assert.match(holder?.claimedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual({ ...holder, claimedAt: undefined }, { ...run('first'), claimedAt: undefined });
  });

  it('are still those of the run that asks again, as a retry after a lost answer does', async () => {
    const tables = newTables();
    assert.equal(await claim(tables, run('first')), undefined);
    assert.equal(await claim(tables, run('first')), undefined);
    assert.equal((await claim(tables, run('second')))?.workflowId, 'first');
  });

  it('of other schemas and warehouses are others; a schema is the same in upper case', async () => {
    const tables = newTables();
    await claim(tables, run('first'));
    assert.equal(await claim({ ...tables, warehouse: 'other' }, run('second')), undefined);
    assert.equal(await claim(newTables(), run('second')), undefined);
    const upper = { ...tables, schema: tables.schema.toUpperCase() };
    assert.equal((await claim(upper, run('second')))?.workflowId, 'first');
  });

  it('are taken over from a run that is over, and from no other', async () => {
    const tables = newTables();
    await claim(tables, run('first'));
    assert.equal((await claim(tables, run('third'), run('second')))?.workflowId, 'first');
    assert.equal(await claim(tables, run('third'), run('first')), undefined);
    assert.equal((await claim(tables, run('second'), run('first')))?.workflowId, 'third');
  });

  it('go to one of those that ask at the same time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const tables = newTables();
    const begun = await Promise.all(names.map((name) => claim(tables, run(name))));
    assert.equal(begun.filter((holder) => holder === undefined).length, 1);
    const first = run(names[begun.indexOf(undefined)] ?? '');
    const waiters = names.filter((name) => name !== first.workflowId);
    const taken = await Promise.all(waiters.map((name) => claim(tables, run(name), first)));
    assert.equal(taken.filter((holder) => holder === undefined).length, 1);
    const winner = waiters[taken.indexOf(undefined)];
    assert.deepEqual(
      taken.flatMap((holder) => holder?.workflowId ?? []),
      [winner, winner, winner],
    );
  });

  it('are free once they are given back, unless another run has them meanwhile', async () => {
    const tables = newTables();
    const release = ({ workflowId, runId }: RunningRun) =>
      warehouse.inSession((session) => releaseTables(session, { tables, workflowId, runIds: [runId] }));
    await claim(tables, run('first'));
    await release(run('second'));
    assert.equal((await claim(tables, run('second')))?.workflowId, 'first');
    await release(run('first'));
    assert.equal(await claim(tables, run('second')), undefined);
  });

  it('are cleared by the statement that a person is given', async () => {
    const tables = newTables();
    const odd = run("O'Brien\\ load");
    await claim(tables, odd);
    await warehouse.query(clearClaimSql(tables, odd));
    assert.equal(await claim(tables, run('second')), undefined);
  });
});
