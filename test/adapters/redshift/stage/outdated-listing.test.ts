import assert from 'node:assert/strict';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { Staging } from '../../support/staging.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

const MORE = { incremental: true };

describe('a listing that is not true any more', () => {
  const schema = uniqueName('outdated_');
  let warehouse: TestWarehouse;
  let staging: Staging;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
  });

  after(() => restore());

  beforeEach(async () => {
    staging = new Staging(warehouse, schema, uniqueName('t'));
    await warehouse.query(`create table ${staging.table} (id bigint, level varchar(4))`, schema);
    await staging.put('1.json', [{ id: 1 }]);
    await staging.load('r1');
    await staging.put('2.json', [{ id: 2 }]);
    await staging.put('3.json', [{ id: 3 }]);
  });

  async function loadsNothing(
    options: { readonly incremental?: boolean },
    message: RegExp,
    change: () => Promise<unknown>,
  ) {
    const listing = await staging.list('r2', options);
    await assert.rejects(staging.copy('r2', listing, { ...options, afterCopy: change }), {
      kind: 'listingOutdated',
      message,
    });
    assert.deepEqual(await staging.column(), ['1']);
    assert.deepEqual(await staging.ledger('load_files', 'url, load_number'), [
      { url: staging.url('1.json'), load_number: '1' },
    ]);
    assert.deepEqual(await staging.ledger('load_steps', 'run_id'), [{ run_id: 'r1' }]);
  }

  for (const [name, options] of [
    ['full', {}],
    ['incremental', MORE],
  ] as const) {
    it(`loads nothing of a file that was written anew after it was listed, ${name}`, async () => {
      const listing = await staging.list('r2', options);
      await staging.put('2.json', [{ id: 20 }]);
      await assert.rejects(staging.copy('r2', listing, options), { kind: 'listingOutdated' });
      assert.deepEqual(await staging.column(), ['1']);
      await staging.load('r3', options);
      assert.deepEqual(await staging.column(), ['1', '3', '20']);
    });

    it(`names each file that changed after its COPY, ${name}`, () =>
      loadsNothing(
        options,
        new RegExp(
          `^2 files changed while they were loaded into ${staging.table}; nothing was loaded:\n` +
            `${staging.url('2.json')}: listed with ETag [0-9a-f]{32} and 9 bytes, it is gone now\n` +
            `${staging.url('3.json')}: listed with ETag ([0-9a-f]{32}) and 9 bytes, it has ETag (?!\\1)[0-9a-f]{32} and 9 bytes now\n` +
            'Wait until whoever writes them is done: the next try lists the source anew\\.$',
        ),
        async () => {
          await staging.remove('2.json');
          await staging.put('3.json', [{ id: 9 }]);
        },
      ));
  }

  it('takes a source without any file for changed too', async () => {
    const listing = await staging.list('r2');
    const afterCopy = () => Promise.all(['1.json', '2.json', '3.json'].map((name) => staging.remove(name)));
    await assert.rejects(staging.copy('r2', listing, { afterCopy }), { message: /^3 files changed while/ });
    assert.deepEqual(await staging.column(), ['1']);
  });

  it('does not mind files that come, or that the load does not take', async () => {
    const listing = await staging.list('r2', MORE);
    const afterCopy = async () => {
      await staging.put('4.json', [{ id: 4 }]);
      await staging.put('1.json', [{ id: 10 }]);
    };
    assert.equal((await staging.copy('r2', listing, { ...MORE, afterCopy })).rows, 2);
  });

  it('does not leave out what a full load of others took away after the listing', async () => {
    const listing = await staging.list('r2', MORE);
    await staging.load('full', { exclude: [staging.url('1.json')] });
    await assert.rejects(staging.copy('r2', listing, MORE), {
      kind: 'listingOutdated',
      message:
        `${staging.table} was loaded in full or created anew by another run since its source was listed; nothing was loaded. ` +
        'Wait until that run is done: the next try lists the source anew.',
    });
    assert.deepEqual(await staging.column(), ['2', '3']);
  });
});
