import assert from 'node:assert/strict';
import { lockTargets } from '../../../../src/adapters/redshift/ledger/ledger.js';
import { ensureLedger } from '../../../../src/adapters/redshift/ledger/ledger-tables.js';
import type { LockWait, LockWaitTimes } from '../../../../src/adapters/redshift/session/lock-wait.js';
import { type Session, withSession } from '../../../../src/adapters/redshift/session/session.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';

/** A tool without autocommit leaves a transaction open behind a mere SELECT, and LOCK waits for it. */
describe('waiting for a lock', () => {
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });
  after(() => restore());

  async function newTarget() {
    const target = { schema: uniqueName('locks_'), table: 'songs' };
    await warehouse.inSession((session) => ensureLedger(session, [target]));
    return { target, guard: `starshift."guard_${target.schema}$songs"` };
  }

  /** Locks in a transaction of its own, and says what was told meanwhile. */
  function lock(
    target: { readonly schema: string; readonly table: string },
    { lockWait, onLockWait }: { readonly lockWait: LockWaitTimes; readonly onLockWait: (wait?: LockWait) => void },
  ) {
    const { settings, adapters } = warehouse;
    const defaults = { ...adapters.sessions, lockWait };
    return withSession({ settings, label: 'test', onLockWait, defaults }, (session) =>
      session.transaction(async () => {
        await lockTargets(session, [target]);
        return (await session.run({ sql: 'select 1 as one', action: 'Test' })).rows.length;
      }),
    );
  }

  /** In a transaction that has read the table and is left open. */
  function whileRead<Result>(table: string, work: (reader: Session) => Promise<Result>): Promise<Result> {
    return warehouse.inSession((reader) =>
      reader.transaction(async () => {
        await reader.run({ sql: `select * from ${table}`, action: 'Test' });
        return work(reader);
      }),
    );
  }

  it('says who holds it, since when, and how to end that; and goes on when it is free', async () => {
    const { target, guard } = await newTarget();
    const told: (LockWait | undefined)[] = [];
    let locking: Promise<number> | undefined;
    const pid = await whileRead(guard, async (reader) => {
      await new Promise<void>((resolve) => {
        const onLockWait = (wait?: LockWait) => {
          told.push(wait);
          resolve();
        };
        locking = lock(target, { lockWait: { tellAfterMs: 100, giveUpAfterMs: 60_000 }, onLockWait });
      });
      return reader.processId;
    });
    assert.equal(await locking, 1);
    const [first, last] = [told[0], told.at(-1)];
    const { user } = warehouse.settings;
    assert.deepEqual(
      first?.holders.map((holder) => ({ pid: holder.pid, user: holder.user })),
      [{ pid, user }],
    );
    const since = first?.holders[0]?.since ?? '';
    assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(
      first?.text,
      `Locking songs waits for a lock held by pid ${pid} (user ${user}, in a transaction since ${since.slice(0, 10)} ${since.slice(11, 19)} UTC). ` +
        `To end that session: select pg_terminate_backend(${pid})`,
    );
    assert.equal(last, undefined);
  });

  it('ends after a while as a conflict that says the same, and leaves nothing waiting on the server', async () => {
    const { target, guard } = await newTarget();
    await whileRead(guard, async (reader) => {
      const lockWait = { tellAfterMs: 50, lookEveryMs: 50, giveUpAfterMs: 600 };
      await assert.rejects(lock(target, { lockWait, onLockWait: () => undefined }), (error: Error) => {
        assert.deepEqual([error.name, (error as { kind?: string }).kind], ['TransientError', 'sqlConflict']);
        assert.match(error.message, /^Locking songs in \w+ on .* was given up after 0 min and is tried again\. /);
        assert.ok(error.message.includes(`held by pid ${reader.processId} (user ${warehouse.settings.user},`));
        assert.ok(error.message.endsWith(`select pg_terminate_backend(${reader.processId})`), error.message);
        return true;
      });
      const waiting = await warehouse.query(
        `select 1 from svv_transactions t join pg_class c on c.oid = t.relation
          where c.relname = 'guard_${target.schema}$songs' and not t.granted`,
      );
      assert.deepEqual([...waiting], []);
    });
    assert.equal(await lock(target, { lockWait: {}, onLockWait: () => assert.fail('nothing was to wait for') }), 1);
  });
});
