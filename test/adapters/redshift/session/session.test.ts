import assert from 'node:assert/strict';
import { connect as connectTcp, createServer, type Server } from 'node:net';
import { amazonRootCertificates } from '../../../../src/adapters/redshift/session/certificate-authorities.js';
import type { ConnectionSettings } from '../../../../src/adapters/redshift/session/connection-settings.js';
import { queryLabel } from '../../../../src/adapters/redshift/session/query-label.js';
import { type SessionDefaults, withSession } from '../../../../src/adapters/redshift/session/session.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, useStackEnvironment } from '../../support/test-warehouse.js';

describe('session', () => {
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
  });

  after(() => restore());

  function connect(change: Partial<ConnectionSettings>, defaults: SessionDefaults = warehouse.adapters.sessions) {
    const settings = { ...warehouse.settings, ...change };
    return withSession({ settings, label: 'test', defaults }, (session) =>
      session.run({ sql: 'select 1', action: 'Test' }),
    );
  }

  it('labels its statements and sets the schema', async () => {
    const label = queryLabel({ workflowId: 'load-1', step: 'staging_events' });
    const shown = await warehouse.inSession(
      async (session) => [
        (await session.run({ sql: 'show query_group', action: 'Test' })).rows[0]?.query_group,
        (await session.run({ sql: 'show search_path', action: 'Test' })).rows[0]?.search_path,
      ],
      { label, schema: 'music' },
    );
    assert.deepEqual(shown, ['starshift load-1 staging_events', 'music']);
  });

  it('returns values as the server wrote them', async () => {
    const [row] = await warehouse.query(
      "select 9007199254740993::bigint as big, null as nothing, '2018-11-01'::date as day",
    );
    assert.deepEqual({ ...row }, { big: '9007199254740993', nothing: null, day: '2018-11-01' });
  });

  it('rolls back what it does not commit', async () => {
    await warehouse.inSession(async (session) => {
      const failing = session.transaction(async () => {
        await session.run({ sql: 'create table rolled_back (a int)', action: 'Creating' });
        await session.run({ sql: 'select 1/0', action: 'Dividing' });
      });
      await assert.rejects(failing, { kind: 'sqlTerminal', code: '22012' });
    });
    assert.deepEqual(await warehouse.query("select 1 from pg_tables where tablename = 'rolled_back'"), []);
  });

  it('does not retry a wrong password, and does not tell it', async () => {
    await assert.rejects(connect({ password: () => 'Wrong-Passw0rd' }), (error: Error) => {
      assert.equal((error as Error & { kind: string }).kind, 'authentication');
      assert.equal(error.name, 'TerminalError');
      assert.equal(
        error.message,
        `Connecting failed in dev on localhost:${warehouse.settings.port}: password authentication failed for user "admin" (28000). ` +
          'Correct the user or the password that the input refers to. It is not tried again, because repeated failures lock the user out.',
      );
      return true;
    });
  });

  it('says that a host does not exist', async () => {
    await assert.rejects(connect({ host: 'no-such-host.invalid' }), (error: Error & { kind?: string }) => {
      assert.match(error.kind ?? '', /^(unknownHost|unreachable)$/);
      assert.match(
        error.message,
        /^Connecting failed in dev on no-such-host\.invalid:\d+: getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid\. Check the host's name, and that the worker can resolve it\.$/,
      );
      return true;
    });
  });

  it('says that nobody listens', async () => {
    await assert.rejects(connect({ host: '127.0.0.1', port: 1 }), {
      name: 'TransientError',
      kind: 'unreachable',
      message:
        'Connecting failed in dev on 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. ' +
        "Check the host, the port, the cluster's security group (cluster.ingress) and that the worker is inside its network.",
    });
  });

  it('gives up on a server that does not answer', async () => {
    const mute = createServer();
    const port = await listen(mute);
    try {
      await assert.rejects(connect({ host: '127.0.0.1', port }, { connectTimeoutMs: 200 }), {
        kind: 'unreachable',
        message: new RegExp(
          `^Connecting failed in dev on 127\\.0\\.0\\.1:${port}: timeout expired\\. Check the host, `,
        ),
      });
    } finally {
      mute.close();
    }
  });

  it('trusts the authorities of Amazon only, unless others are named', async () => {
    assert.equal(amazonRootCertificates().length, 5);
    await assert.rejects(connect({}, {}), {
      name: 'TerminalError',
      kind: 'tls',
      message: new RegExp(
        `^Connecting failed in dev on localhost:\\d+: (self-signed certificate in certificate chain|unable to (get local issuer|verify the first) certificate) \\(\\w+\\)\\. ` +
          "The worker trusts Amazon's roots only, unless STARSHIFT_REDSHIFT_CA names a PEM file; name the authority that signed this server\\.$",
      ),
    });
  });

  it('names a database that does not exist', async () => {
    await assert.rejects(connect({ database: 'nowhere' }), {
      kind: 'sqlTerminal',
      message:
        /^Connecting failed in nowhere on localhost:\d+: .*"nowhere" does not exist.* Correct the name of the database, or create it\.$/,
    });
  });

  it('cancels the running statement on the server', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by a person');
    let processId = 0;
    const running = warehouse.inSession(
      (session) => {
        processId = session.processId;
        return session.run({ sql: LONG_QUERY, action: 'Counting' });
      },
      { signal: controller.signal },
    );
    const isRunning = async () =>
      (await warehouse.query(`select pid from stv_recents where pid = ${processId} and status = 'Running'`)).length > 0;
    const rejected = assert.rejects(running, (error) => error === reason);
    await until(isRunning);
    controller.abort(reason);
    await rejected;
    await until(async () => !(await isRunning()));
  });

  it('terminates the session on the server when the cancel request gets lost', async () => {
    const proxy = startProxy({ port: warehouse.settings.port, loses: 2 });
    const port = await listen(proxy);
    const controller = new AbortController();
    let processId = 0;
    const running = withSession(
      {
        settings: { ...warehouse.settings, port },
        defaults: { ...warehouse.adapters.sessions, cancelTimeoutMs: 300 },
        label: 'test',
        signal: controller.signal,
      },
      (session) => {
        processId = session.processId;
        return session.run({ sql: LONG_QUERY, action: 'Counting' });
      },
    );
    const isThere = async () =>
      (await warehouse.query(`select 1 from stv_recents where pid = ${processId} and status = 'Running'`)).length > 0;
    const rejected = assert.rejects(running, { name: 'AbortError' });
    await until(isThere);
    controller.abort();
    await rejected;
    await until(async () => !(await isThere()));
    proxy.close();
  });

  it('does not even connect when it is cancelled already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(
      warehouse.inSession(() => assert.fail('the work was started'), { signal }),
      { message: 'too late' },
    );
  });

  it('reports a session that the server ended as worth another attempt', async () => {
    await warehouse.inSession(async (session) => {
      await warehouse.query(`select pg_terminate_backend(${session.processId})`);
      await assert.rejects(session.run({ sql: 'select 1', action: 'Asking' }), {
        name: 'TransientError',
        kind: 'sqlTransient',
      });
    });
  });
});

/** Redshift has no pg_sleep; a product of catalogues takes as long. */
const LONG_QUERY = 'select count(*) from pg_attribute a, pg_attribute b, pg_attribute c, pg_attribute d';

/** A TCP proxy that loses one connection: it takes the bytes and passes none on. */
function startProxy({ port, loses }: { readonly port: number; readonly loses: number }): Server {
  let count = 0;
  return createServer((client) => {
    client.on('error', () => {});
    count += 1;
    if (count === loses) return;
    const server = connectTcp(port, '127.0.0.1');
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'the condition did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
