import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';

const SOURCE = { url: 's3://e2e-dsn/' };

describe('starshift dsn', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;

  before(async () => {
    e2e = await E2eStack.start();
    await provision('e2e-dsn-managed', {});
    await provision('e2e-dsn-own', { adminPassword: { env: PASSWORD_VARIABLE } });
  });
  after(() => e2e?.stop());

  const provision = async (identifier: string, cluster: object) => {
    const input = { source: SOURCE, cluster: { identifier, ...cluster } };
    await e2e.startRun({ type: 'provisionWarehouse', workflowId: identifier, input });
    await e2e.result(identifier);
  };

  /** Logs in with nothing but what was printed, TLS verified. */
  const logIn = async (dsn: string) => {
    const url = new URL(dsn.trim());
    assert.equal(url.searchParams.get('sslmode'), 'verify-full');
    const ca = readFileSync(url.searchParams.get('sslrootcert') ?? '', 'utf8');
    url.search = '';
    const client = new pg.Client({ connectionString: url.href, ssl: { ca } });
    await client.connect();
    try {
      return (await client.query('select current_user as name')).rows;
    } finally {
      await client.end();
    }
  };

  it('prints what psql logs in with, the password from Secrets Manager', async () => {
    const { code, stdout, stderr } = await e2e.starshift('dsn', 'e2e-dsn-managed');
    assert.equal(code, 0, stderr);
    assert.deepEqual(await logIn(stdout), [{ name: 'admin' }]);
    assert.equal(stderr, '');
  });

  it('takes the password from a variable where Secrets Manager has none', async () => {
    const without = await e2e.starshift('dsn', 'e2e-dsn-own');
    assert.equal(without.code, 1);
    assert.match(without.stderr, /name that: --password-env/);
    const { stdout, stderr } = await e2e.starshift('dsn', 'e2e-dsn-own', '--password-env', PASSWORD_VARIABLE);
    assert.deepEqual(await logIn(stdout), [{ name: 'admin' }], stderr);
  });

  it('names the clusters when it is not told which one', async () => {
    const { code, stdout, stderr } = await e2e.starshift('dsn');
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /e2e-dsn-managed/);
    assert.match(stderr, /e2e-dsn-own/);
  });

  it('says that there is no such cluster', async () => {
    const { code, stderr } = await e2e.starshift('dsn', 'nowhere');
    assert.equal(code, 1);
    assert.match(stderr, /^There is no cluster nowhere/);
  });

  it("verifies against Amazon's roots where no other authority is named", async () => {
    const environment = { STARSHIFT_REDSHIFT_CA: '', STARSHIFT_CACHE_DIR: e2e.folder };
    const { stdout, stderr } = await e2e.startStarshift(['dsn', 'e2e-dsn-managed'], environment).finished;
    const path = new URL(stdout.trim()).searchParams.get('sslrootcert') ?? '';
    assert.ok(path.startsWith(e2e.folder), stderr);
    const roots = readFileSync(path, 'utf8').split(/(?<=-----END CERTIFICATE-----\n?)(?=-----BEGIN)/);
    assert.ok(roots.length >= 4);
    for (const root of roots) assert.match(new X509Certificate(root).subject, /Amazon|Starfield/);
  });
});
