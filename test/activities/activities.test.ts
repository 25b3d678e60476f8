import assert from 'node:assert/strict';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Activities } from '../../src/activities/activities.js';
import { createActivities } from '../../src/activities/create-activities.js';
import type { SourceListing } from '../../src/domain/facts.js';
import {
  getTestWarehouse,
  type TestWarehouse,
  uniqueName,
  useStackEnvironment,
} from '../adapters/support/test-warehouse.js';
import { event, song } from '../e2e/support/sparkify-data.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

const PATHS = [
  ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location', 'method'],
  ...['page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
];

/** Failing is what most of these tests do. */
const QUIET = new DefaultLogger('ERROR', () => {});

describe('activities', () => {
  const workflowId = uniqueName('load-');
  const schema = uniqueName('activities_');
  let warehouse: TestWarehouse;
  let activities: Activities;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    activities = createActivities(warehouse.adapters);
    await warehouse.put('music/log_json_path.json', JSON.stringify({ jsonpaths: PATHS.map((name) => `$['${name}']`) }));
    await warehouse.put('music/log_data/1.json', event() + event({ itemInSession: 1, userId: '' }));
    await warehouse.put('music/log_data/2.json', event({ itemInSession: 2, level: 'paid', ts: 1541440182797 }));
    await warehouse.put('music/song_data/A/1.json', song());
  });

  after(() => restore());

  function run<Name extends keyof Activities>(
    name: Name,
    request: Parameters<Activities[Name]>[0],
    environment = newEnvironment(),
  ): Promise<Awaited<ReturnType<Activities[Name]>>> {
    const activity = activities[name] as (request: unknown) => Promise<Awaited<ReturnType<Activities[Name]>>>;
    return environment.run(activity, request);
  }

  function newEnvironment(runId = 'run-1'): MockActivityEnvironment {
    return new MockActivityEnvironment({ workflowExecution: { workflowId, runId } }, { logger: QUIET });
  }

  function scope() {
    return { target: { cluster: warehouse.identifier }, warehouse: 'sparkify', schema };
  }

  function source(folder = 'music') {
    return { url: `s3://${warehouse.bucket}/${folder}/` };
  }

  function list(sourceName: string, table: string, folder?: string): Promise<SourceListing> {
    return run('listSource', { warehouse: 'sparkify', source: source(folder), sourceName, step: table, exclude: [] });
  }

  async function copy(sourceName: string, table: string, environment?: MockActivityEnvironment, folder?: string) {
    const listing = await list(sourceName, table, folder);
    const request = { ...scope(), source: source(folder), sourceName, table, step: table, listing, maxErrors: 0 };
    return run('copyBatch', request, environment);
  }

  it('plan, create, list, copy, transform, check and count a warehouse', async () => {
    const plan = await run('planWarehouse', { warehouse: 'sparkify', schema, source: source() });
    assert.equal(plan.design, 'by-song');
    const tables = await run('createTables', { ...scope(), design: plan.design, recreate: false });
    assert.equal(tables.created.length, 7);
    assert.equal((await copy('events', 'staging_events')).rows, 3);
    assert.equal((await copy('songs', 'staging_songs')).rows, 1);
    for (const step of plan.load.filter(({ kind }) => kind === 'transform')) {
      await run('transformTable', { ...scope(), step: step.id, table: step.table });
    }
    const failed: string[] = [];
    for (const { id } of plan.checks) {
      const check = await run('runCheck', { ...scope(), check: id });
      if (!check.passed && check.severity === 'error') failed.push(id);
    }
    assert.deepEqual(await run('countRows', scope()), {
      ...{ staging_events: 3, staging_songs: 1, songplays: 3, users: 1, songs: 1, artists: 1, time: 2 },
    });
    // One event has no user: what it plays is kept, and the check that wants a user for each play says so.
    assert.deepEqual(failed, ['songplays_user_exists']);
  });

  it('load the difference only, and put into quarantine what a person has left out, with the error it was left out for', async () => {
    const own = uniqueName('activities_');
    const at = { ...scope(), schema: own };
    await warehouse.put(`${own}/song_data/1.json`, song());
    await run('createTables', { ...at, design: 'auto', recreate: false });
    const load = async (runId: string, exclude: readonly string[] = []) => {
      const what = { source: source(own), sourceName: 'songs', step: 'staging_songs', table: 'staging_songs' };
      const incremental = { ...at, table: 'staging_songs', onChanged: 'fail', reload: [] } as const;
      const listing = await run('listSource', { ...at, ...what, exclude, incremental }, newEnvironment(runId));
      const excluded = exclude.map((file) => ({ file, reason: 'It was wrong.' }));
      const request = { ...at, ...what, listing, maxErrors: 0, mode: 'incremental', excluded } as const;
      const facts = await run('copyBatch', request, newEnvironment(runId));
      return { ...facts, known: listing.difference?.known };
    };
    assert.deepEqual(await load('d1'), {
      ...{ rows: 1, files: 1, sizeBytes: song().length, rejectedRows: 0, rejects: [], alreadyDone: false, known: 0 },
    });
    await warehouse.put(`${own}/song_data/2.json`, song());
    assert.deepEqual(await load('d2', [`${own}/song_data/2.json`]), {
      ...{ rows: 0, files: 0, sizeBytes: 0, rejectedRows: 0, rejects: [], alreadyDone: false, known: 1 },
      quarantinedFiles: 1,
    });
    const entries = await warehouse.query(
      `select url, reason from starshift.quarantine where table_schema = '${own}' order by 1`,
    );
    assert.deepEqual(
      entries.map((row) => ({ ...row })),
      [{ url: `s3://${warehouse.bucket}/${own}/song_data/2.json`, reason: 'It was wrong.' }],
    );
  });

  it("tell in their heartbeats, and in the worker's log, whom they wait for", async () => {
    const own = uniqueName('activities_');
    const at = { ...scope(), schema: own };
    await run('createTables', { ...at, design: 'auto', recreate: false });
    const adapters = {
      ...warehouse.adapters,
      sessions: { ...warehouse.adapters.sessions, lockWait: { tellAfterMs: 50 } },
    };
    const logged: string[] = [];
    const logger = new DefaultLogger('WARN', ({ message }) => logged.push(message));
    const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'waits' } }, { logger });
    const { transformTable } = createActivities(adapters);
    let waiting: Promise<unknown> | undefined;
    const [text, pid] = await warehouse.inSession((reader) =>
      reader.transaction(async () => {
        await reader.run({ sql: `select * from starshift."guard_${own}$songs"`, action: 'Test' });
        const told = new Promise<string>((resolve) => {
          environment.on('heartbeat', (said?: { readonly waitsForLock?: { readonly text: string } }) => {
            if (said?.waitsForLock !== undefined) resolve(said.waitsForLock.text);
          });
        });
        waiting = environment.run(transformTable, { ...at, step: 'songs', table: 'songs' });
        return [await told, reader.processId] as const;
      }),
    );
    await waiting;
    assert.match(text, /^Locking songs waits for a lock held by pid /);
    assert.ok(text.endsWith(`To end that session: select pg_terminate_backend(${pid})`), text);
    assert.ok(logged.includes(text), logged.join());
  });

  it('tell file, line, column and value of a rejected row in the failure itself', async () => {
    await warehouse.put(
      'broken/log_json_path.json',
      JSON.stringify({ jsonpaths: PATHS.map((name) => `$['${name}']`) }),
    );
    const { url } = await warehouse.put('broken/log_data/1.json', event() + event({ ts: 'abc' }));
    await assert.rejects(copy('events', 'staging_events', newEnvironment('run-2'), 'broken'), (failure: unknown) => {
      assert.ok(failure instanceof ApplicationFailure);
      assert.equal(failure.type, 'CopyRejectedRows');
      assert.equal(failure.nonRetryable, true);
      assert.equal(
        failure.message,
        `COPY into staging_events rejected ${url} line 2, column "ts": "abc" is not a BIGINT (Invalid digit, Value 'a', Pos 0, Type: Long).`,
      );
      assert.equal((failure.details as { line: number }[])[0]?.line, 2);
      return true;
    });
  });

  it('say that the JSONPaths file is missing', async () => {
    await warehouse.put('pathless/log_data/1.json', event());
    await assert.rejects(list('events', 'staging_events', 'pathless'), {
      type: 'SourceUnavailable',
      message: `The JSONPaths file s3://${warehouse.bucket}/pathless/log_json_path.json does not exist. Upload it, or correct its key in warehouse.yaml.`,
    });
  });

  it('say that a JSONPaths file names too few columns', async () => {
    await warehouse.put('few/log_json_path.json', JSON.stringify({ jsonpaths: ["$['artist']"] }));
    await warehouse.put('few/log_data/1.json', event());
    await assert.rejects(copy('events', 'staging_events', newEnvironment('run-3'), 'few'), {
      type: 'SourceUnavailable',
      message:
        /^COPY into staging_events failed in dev on localhost:\d+: Number of jsonpaths and the number of columns should match\. JSONPath size: 1, Number of columns in table or column list: 18\. Redshift error 8001 \(XX000\)\. Mend the JSONPaths file, one path for each column of the table in its order\.$/,
    });
  });

  it('do not retry a wrong password', async () => {
    const { host, port } = warehouse.settings;
    const target = {
      ...{ host, port, database: 'dev', user: 'admin', iamRole: 'default' },
      password: { env: 'STARSHIFT_PASSWORD_WRONG' },
    };
    const wrong = createActivities({ ...warehouse.adapters, password: () => 'Wrong-Passw0rd' });
    await assert.rejects(
      newEnvironment().run(wrong.countRows, { ...scope(), target }),
      (failure: ApplicationFailure) => failure.type === 'AuthenticationFailed' && failure.nonRetryable === true,
    );
  });

  it('say that a warehouse does not exist', async () => {
    await assert.rejects(run('planWarehouse', { warehouse: 'nowhere', schema }), {
      type: 'InvalidWarehouse',
      nonRetryable: true,
    });
  });

  it('beat while they work, and end as cancelled with their SQL gone from the server', async () => {
    const environment = newEnvironment('run-4');
    let beats = 0;
    environment.on('heartbeat', () => {
      beats += 1;
    });
    await warehouse.inSession(async (session) => {
      await session.transaction(async () => {
        await session.run({ sql: `lock table starshift.guard_${schema}$users`, action: 'Test' });
        const waiting = run('transformTable', { ...scope(), step: 'users', table: 'users' }, environment);
        const cancelled = assert.rejects(waiting, (failure) => failure instanceof CancelledFailure);
        await until(() => beats > 0);
        environment.cancel();
        await cancelled;
        const left = await warehouse.query(
          `select pid from stv_recents where status = 'Running' and query like 'lock table%guard_${schema}$users%' and pid <> pg_backend_pid()`,
        );
        assert.deepEqual(left, []);
      });
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'the condition did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
