import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { FaultBench } from '../../faults/fault-bench.js';
import { BUCKET } from '../../faults/source-bucket.js';
import { compareContents, readContents } from '../../faults/verify/table-contents.js';
import { WarehouseSql } from '../../faults/warehouse-sql.js';
import { lockAndFindStep, recordStep } from '../../src/adapters/redshift/ledger/ledger.js';
import { ensureLedger } from '../../src/adapters/redshift/ledger/ledger-tables.js';
import { endAbandonedSessions } from '../../src/adapters/redshift/session/abandoned-sessions.js';
import { queryLabel } from '../../src/adapters/redshift/session/query-label.js';
import { type Session, withSession } from '../../src/adapters/redshift/session/session.js';
import { stageTable } from '../../src/adapters/redshift/stage/stage-table.js';
import { openTemporalRuns } from '../../src/adapters/temporal/temporal-runs.js';
import { listFiles } from '../../src/local-stack/local-files.js';
import { generateSample } from '../../src/sample/generate-sample.js';
import { type HalfDeadProxy, startHalfDeadProxy } from '../support/half-dead-proxy.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';

const WITHIN_MS = 40_000;
const STEP = { workflowId: 'dead-attempts', step: 'plays' };

/** A promise that the test settles. */
function pending(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Everything about an attempt that is dead while the server does not know it: its connections go through a network that hides it. */
describe('a retry after a dead attempt', function () {
  this.timeout(180_000);
  const schema = 'dead_attempts';
  const label = queryLabel(STEP);
  let folder: string;
  let bench: FaultBench;
  let network: HalfDeadProxy;
  let watcher: WarehouseSql;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    folder = await mkdtemp(join(tmpdir(), 'starshift-dead-'));
    bench = await FaultBench.start({ folder, base: process.env, sources: true, say: () => undefined });
    network = await startHalfDeadProxy(bench.endpoint.port);
    watcher = await WarehouseSql.connect(bench.endpoint);
    await watcher.rows(`create schema ${schema}`);
    await watcher.rows(`create table ${schema}.plays (id bigint)`);
  });
  after(async () => {
    await watcher?.close();
    await network?.close();
    await bench?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function inSession<Result>(port: number, work: (session: Session) => Promise<Result>, as = label) {
    const { caPath, password, ...endpoint } = bench.endpoint;
    const settings = { ...endpoint, port, iamRole: 'default', password: () => password };
    const defaults = { ca: await readFile(caPath, 'utf8') };
    return withSession({ settings, schema, label: as, defaults }, work);
  }

  /** An attempt of the step, as inSession of the activities runs it; `run` names the workflow's run. */
  function attempt(run: string, port = bench.endpoint.port) {
    return inSession(port, async (session) => {
      const ended = await endAbandonedSessions(session, { label });
      return { ended, facts: await stage(session, run) };
    });
  }

  async function stage(session: Session, run: string) {
    const rows = Buffer.from('{"id": 1}\n{"id": 2}\n{"id": 3}\n');
    const url = `s3://${BUCKET}/${run}/rows.json`;
    const manifest = Buffer.from(JSON.stringify({ entries: [{ url, mandatory: true }] }));
    await bench.bucket.replace(
      `${run}/`,
      new Map([
        ['rows.json', rows],
        ['manifest', manifest],
      ]),
    );
    const files = [{ url, etag: 'e', sizeBytes: rows.length }];
    return stageTable(session, {
      key: { ...keyOf(run) },
      files,
      relist: async () => files,
      copy: {
        ...{ manifestUrl: `s3://${BUCKET}/${run}/manifest`, iamRole: 'default', format: 'json', jsonpaths: 'auto' },
        ...{ compression: 'none', options: {}, maxErrors: 0 },
      },
    });
  }

  function keyOf(run: string) {
    return { ...STEP, runId: run, schema, table: 'plays' };
  }

  async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    while (!(await condition())) {
      assert.ok(performance.now() < deadline, `it did not come true that ${what}`);
      await delay(50);
    }
  }

  async function isTrue(sql: string): Promise<boolean> {
    return (await watcher.rows(`select case when ${sql} then 'yes' else 'no' end`))[0]?.[0] === 'yes';
  }

  /** Nothing of the label runs, sits in a transaction or holds a lock. */
  async function assertNothingLeft(of = label): Promise<void> {
    await until('the server has no session of the label', () =>
      isTrue(`not exists (select 1 from stv_sessions s join sys_query_history h
        on h.session_id = s.process and h.start_time >= s.starttime where h.query_label = '${of}')`),
    );
    assert.ok(
      await isTrue(`not exists (select 1 from svv_transactions t join sys_query_history h
        on h.session_id = t.pid and h.start_time >= t.txn_start where h.query_label = '${of}')`),
    );
    assert.ok(await isTrue(`not exists (select 1 from stv_inflight where label = '${of}')`));
  }

  async function ids(): Promise<string> {
    return (await watcher.rows(`select id from ${schema}.plays order by id`)).join();
  }

  async function stepsOf(run: string): Promise<number> {
    return (await watcher.rows(`select 1 from starshift.load_steps where run_id = '${run}'`)).length;
  }

  it('ends its COPY that still runs, loads every row once, and leaves nothing behind', async () => {
    bench.servers.proxy.setRules([{ action: 'hold', method: 'GET', keyPattern: 'copying/rows\\.json$' }]);
    const dead = attempt('copying', network.port).catch((error: Error) => error);
    await until('the COPY waits for S3', () => bench.servers.proxy.held === 1);
    network.dropClients();
    assert.ok((await dead) instanceof Error);
    assert.ok(await isTrue(`exists (select 1 from stv_inflight where label = '${label}' and text like 'copy%')`));
    assert.equal(network.orphans, 1);

    const { ended, facts } = await attempt('copying');
    assert.equal(ended.length, 1);
    assert.equal(facts.alreadyDone, false);
    assert.equal(await ids(), '1,2,3');
    assert.equal(await stepsOf('copying'), 1);
    await assertNothingLeft();
    assert.equal(network.orphans, 0);
  });

  it('ends a transaction that waits for its client with the lock in its hands', async () => {
    const key = keyOf('idle');
    const locked = pending();
    const dead = inSession(network.port, async (session) => {
      await ensureLedger(session, [key]);
      await session.transaction(async () => {
        await lockAndFindStep(session, key);
        await session.run({ sql: `insert into ${schema}.plays values (99)`, action: 'Test' });
        locked.resolve();
        await new Promise((_, reject) => setTimeout(reject, 200, new Error('dead')));
      });
    }).catch((error: Error) => error);
    await locked.promise;
    network.dropClients();
    await dead;
    assert.equal(network.orphans, 1);

    const { ended, facts } = await attempt('idle');
    assert.deepEqual([ended.length, facts.rows], [1, 3]);
    assert.equal(await ids(), '1,2,3');
    await assertNothingLeft();
  });

  it('lets the COMMIT of an attempt that comes back fail', async () => {
    const key = keyOf('zombie');
    const standing = pending();
    const woken = pending();
    const zombie = inSession(network.port, async (session) => {
      await ensureLedger(session, [key]);
      await session.transaction(async () => {
        await lockAndFindStep(session, key);
        await session.run({ sql: `insert into ${schema}.plays values (99)`, action: 'Test' });
        await recordStep(session, key, { kind: 'stage', rows: 1, files: 0, sizeBytes: 0, rejectedRows: 0 });
        standing.resolve();
        await woken.promise;
      });
    });
    const lost = assert.rejects(zombie, { name: 'TransientError', kind: 'sqlTransient' });
    await standing.promise;
    const { ended } = await attempt('zombie');
    assert.equal(ended.length, 1);
    woken.resolve();
    await lost;
    assert.equal(await ids(), '1,2,3');
    assert.equal(await stepsOf('zombie'), 1);
    await assertNothingLeft();
  });

  it('finds in the ledger what was committed though the answer got lost', async () => {
    const dead = inSession(network.port, async (session) => {
      const run = session.run.bind(session);
      session.run = (statement) => {
        if (statement.sql === 'commit') network.loseAnswers();
        return run(statement);
      };
      await stage(session, 'committed');
    }).catch((error: Error) => error);
    await until('the transaction is committed', async () => (await stepsOf('committed')) === 1);
    network.dropClients();
    assert.ok((await dead) instanceof Error);

    const { facts } = await attempt('committed');
    assert.deepEqual([facts.alreadyDone, facts.rows], [true, 3]);
    assert.equal(await ids(), '1,2,3');
    assert.equal(await stepsOf('committed'), 1);
    await assertNothingLeft();
  });

  it('does not touch the sessions of other steps and other workflows', async () => {
    const others = [
      queryLabel({ workflowId: 'dead-attempts', step: 'plays 2' }),
      queryLabel({ workflowId: 'dead-attempts-2', step: 'plays' }),
      queryLabel({ ...STEP, namespace: 'elsewhere' }),
      queryLabel({ ...STEP, namespaceId: 'of another server' }),
    ];
    const alive = others.map((other) =>
      inSession(
        bench.endpoint.port,
        (session) =>
          session.transaction(async () => {
            await session.run({ sql: `select count(*) from ${schema}.plays`, action: 'Test' });
            await finished.promise;
            return (await session.run({ sql: 'select 1 as alive', action: 'Test' })).rows.length;
          }),
        other,
      ),
    );
    const finished = pending();
    await until('all of them are in a transaction', () =>
      isTrue(`(select count(distinct session_id) from sys_query_history
        where query_label in (${others.map((other) => `'${other}'`).join()}) and query_type = 'SELECT') = 4`),
    );
    const ended = await inSession(bench.endpoint.port, (session) => endAbandonedSessions(session, { label }));
    finished.resolve();
    assert.deepEqual([ended, await Promise.all(alive)], [[], [1, 1, 1, 1]]);
  });

  it('names the sessions that do not end in time, and the statement for a superuser', async () => {
    await inSession(bench.endpoint.port, async (left) => {
      await left.run({ sql: 'select 1', action: 'Test' });
      const { host, port, database } = bench.endpoint;
      await assert.rejects(
        inSession(port, (session) => endAbandonedSessions(session, { label, withinMs: 0 })),
        {
          name: 'TransientError',
          kind: 'abandonedSession',
          message:
            `An earlier attempt of this step has left session ${left.processId} in ${database} on ${host}:${port}; it was terminated but ` +
            'is not gone yet, perhaps because it rolls back. It is tried again; if it stays, run as a superuser: ' +
            `select pg_terminate_backend(${left.processId})`,
        },
      );
    });
  });

  describe('through Temporal', () => {
    let running: WorkflowHandle | undefined;
    // One that a failed test has left would keep the workers from stopping.
    afterEach(async () => {
      await running?.terminate().catch(() => undefined);
      await bench.reset();
    });

    async function prepare(name: string): Promise<{ readonly workflowId: string; readonly input: object }> {
      const outDir = join(folder, 'sample');
      await generateSample({ events: 600, songs: 12, matchShare: 0.3, seed: 7, outDir, force: true });
      const files = await listFiles(outDir);
      const bodies = await Promise.all(files.map(async (file) => [file.name, await readFile(file.path)] as const));
      const sample = { name: 'dead', files: new Map(bodies) };
      await bench.undisturbed(sample);
      await bench.bucket.replace(`${name}/`, sample.files);
      const { host, database, user } = bench.endpoint;
      const target = {
        ...{ host, port: network.port, database, user, iamRole: 'default' },
        password: { env: 'STARSHIFT_PASSWORD_FAULTS' },
      };
      const place = { warehouse: 'sparkify', schema: name, target };
      await bench.execute('createTables', { workflowId: `create-${name}`, input: place });
      const source = { url: `s3://${BUCKET}/${name}/` };
      return { workflowId: `load-${name}`, input: { ...place, source } };
    }

    async function assertLoadedOnce(name: string): Promise<void> {
      const { tables } = bench.shape;
      const wanted = await bench.undisturbed({ name: 'dead', files: new Map() });
      assert.deepEqual(compareContents(await readContents(watcher, { schema: name, tables }), wanted), []);
      const twice = await watcher.rows(`select step from starshift.load_steps
        where workflow_id = 'load-${name}' group by step having count(*) > 1`);
      assert.deepEqual(twice, []);
      const identity = await openTemporalRuns(bench.client).identity();
      const used = queryLabel({ ...identity, workflowId: `load-${name}`, step: 'staging_events' });
      assert.ok(await isTrue(`exists (select 1 from sys_query_history where query_label = '${used}')`));
      await assertNothingLeft(used);
    }

    async function startHeld(name: string) {
      const { workflowId, input } = await prepare(name);
      const rule = { action: 'hold', method: 'GET', keyPattern: `^${BUCKET}/${name}/log_data/.*json$` } as const;
      bench.servers.proxy.setRules([rule]);
      const handle = await bench.client.workflow.start('loadWarehouse', {
        ...{ workflowId, taskQueue: bench.taskQueue, args: [input] },
      });
      running = handle;
      await until('the COPY waits for S3', () => bench.servers.proxy.held === 1);
      return handle;
    }

    it('another worker ends the COPY of one that was killed, and finishes the load', async () => {
      const handle = await startHeld('killed');
      bench.worker.kill();
      await until('the server believes in dead clients', () => network.orphans > 0);
      await bench.startWorker();
      await handle.result();
      await assertLoadedOnce('killed');
    });

    it('a worker that comes back after another took over its load doubles nothing', async () => {
      const handle = await startHeld('frozen');
      const pending = async () => (await handle.describe()).raw.pendingActivities ?? [];
      // Otherwise another activity could be the one that is given up, and the COPY would go on in the worker that wakes.
      await until('only the COPY is under way', async () => (await pending()).length === 1);
      const frozen = bench.worker;
      frozen.freeze();
      await bench.startWorker();
      try {
        await until('Temporal has given the attempt up', async () =>
          (await pending()).some(({ attempt }) => (attempt ?? 1) > 1),
        );
        assert.equal(bench.servers.proxy.held, 1);
      } finally {
        frozen.wake();
      }
      await handle.result();
      await assertLoadedOnce('frozen');
    });
  });
});
