import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ProgramRun } from './fixture.js';

describe('the command redshift-local', () => {
  let folder: string;
  let stateDir: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'redshift-local-cli-'));
    // Root runs PostgreSQL as another account, which has to pass through.
    chmodSync(folder, 0o711);
    stateDir = path.join(folder, 'state');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('starts a cluster, prints a DSN that works with the certificate verified, and stops on SIGTERM with 0', async () => {
    const run = new ProgramRun(['--state', stateDir]);
    const [dsn] = await run.printed(/postgresql:\/\/\S+/);
    assert.match(dsn, /^postgresql:\/\/admin:\w+@localhost:\d+\/dev\?sslmode=verify-full&sslrootcert=\//);
    await run.printed(/AWS_ENDPOINT_URL_SECRETS_MANAGER=http:\/\/127\.0\.0\.1:\d+\n/);
    await run.printed(/AWS_SECRET_ACCESS_KEY=\S+\n/);
    const client = new pg.Client({ connectionString: dsn });
    client.on('error', () => {});
    await client.connect();
    await client.query('create table kept as select 1 as n');
    run.child.kill('SIGTERM');
    assert.equal(await run.exit(), 0);
    assert.equal(existsSync(path.join(stateDir, 'lock')), false);
    const data = path.join(stateDir, 'data');
    const running = existsSync(data)
      ? readdirSync(data).filter((name) => existsSync(path.join(data, name, 'postmaster.pid')))
      : [];
    assert.deepEqual(running, []);
  });

  it('keeps password, keys and data for the next start, and refuses a second process meanwhile', async () => {
    const run = new ProgramRun(['--state', stateDir]);
    const [dsn] = await run.printed(/postgresql:\/\/\S+/);
    const client = new pg.Client({ connectionString: dsn });
    await client.connect();
    assert.deepEqual((await client.query('select n from kept')).rows, [{ n: 1 }]);
    await client.end();
    const second = new ProgramRun(['--state', stateDir]);
    assert.equal(await second.exit(), 2);
    assert.match(second.stderr, new RegExp(`Another redshift-local \\(pid ${run.child.pid}\\) .*--state`));
    run.child.kill('SIGINT');
    assert.equal(await run.exit(), 0);
  });

  it('writes the ready file without secrets, and stops when its parent goes', async () => {
    const readyFile = path.join(folder, 'ready.json');
    const keys = { AWS_ACCESS_KEY_ID: 'LOCALKEY', AWS_SECRET_ACCESS_KEY: 'not-to-be-printed', AWS_REGION: 'eu-west-1' };
    const flags = ['--no-default-cluster', '--exit-with-parent', '--json', '--ready-file', readyFile];
    const run = new ProgramRun(['--state', path.join(folder, 'other'), ...flags], keys);
    const [line] = await run.printed(/^\{.*\}\n/);
    assert.equal(readFileSync(readyFile, 'utf8'), line);
    const report = JSON.parse(line);
    assert.deepEqual([report.region, report.clusters, report.pid], ['eu-west-1', [], run.child.pid]);
    assert.match(report.controlUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(readFileSync(report.caPath, 'utf8'), /BEGIN CERTIFICATE/);
    run.child.stdin?.end();
    assert.equal(await run.exit(), 0);
    assert.doesNotMatch(run.stdout + run.stderr, /not-to-be-printed/);
  });

  it('takes over the lock of a process that is gone', async () => {
    const state = path.join(folder, 'other');
    writeFileSync(path.join(state, 'lock'), '1 12345 another-boot\n');
    const run = new ProgramRun(['--state', state, '--no-default-cluster', '--json']);
    await run.printed(/controlUrl/);
    run.child.kill('SIGTERM');
    assert.equal(await run.exit(), 0);
  });

  it('names the port that is in use, and the setting', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    try {
      for (const setting of ['--port', '--control-port']) {
        const run = new ProgramRun(['--state', path.join(folder, 'other'), setting, String(port)]);
        assert.equal(await run.exit(), 2);
        assert.match(run.stderr, new RegExp(`Port ${port} \\(${setting}\\) on 127\\.0\\.0\\.1 is in use`));
      }
    } finally {
      squatter.close();
    }
  });

  const wrong: readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp][] = [
    ['an unknown flag', ['--prot', '1'], {}, /unknown option '--prot'/],
    ['a port that is no number', ['--port', 'abc'], {}, /--port.*'abc'.*5439/],
    ['an S3 address that is no URL', ['--s3-endpoint', 'localhost:7070'], {}, /--s3-endpoint.*http:/],
    ['one key without the other', [], { AWS_ACCESS_KEY_ID: 'A' }, /AWS_SECRET_ACCESS_KEY is not/],
    [
      'a state folder inside a file',
      ['--state', '/etc/passwd/x'],
      {},
      /\/etc\/passwd\/x cannot be used: a part of the path is a file/,
    ],
  ];
  for (const [what, args, environment, message] of wrong) {
    it(`ends with 2 for ${what}`, async () => {
      const run = new ProgramRun(args, environment);
      assert.equal(await run.exit(), 2);
      assert.match(run.stderr, message);
      assert.equal(run.stdout, '');
    });
  }

  const missing = path.join(tmpdir(), 'redshift-local-missing-folder');
  const unusable: readonly [string, readonly string[], RegExp][] = [
    [
      'a ready file in a missing folder',
      ['--ready-file', path.join(missing, 'ready.json')],
      /ready file .* does not exist.*--ready-file/,
    ],
    ['a ready file that is a folder', ['--ready-file', tmpdir()], /ready file .* is a folder.*--ready-file/],
    ['an address of another machine', ['--listen', '192.0.2.1'], /Cannot listen on 192\.0\.2\.1 .*--listen/],
    ['an address that is none', ['--listen', 'no such host'], /Cannot listen on no such host .*--listen/],
  ];
  for (const [what, args, message] of unusable) {
    it(`ends with 2 for ${what}`, async () => {
      const run = new ProgramRun(['--state', path.join(folder, 'unusable'), ...args]);
      assert.equal(await run.exit(), 2);
      assert.match(run.stderr, message);
      assert.doesNotMatch(run.stderr, /\n {4}at /);
    });
  }

  const damaged: readonly [string, string, RegExp][] = [
    ['state.json', 'null', /state\.json is damaged.*--state/],
    ['state.json', '{"version":1}', /state\.json is damaged.*--state/],
    ['state.json', '{"version":2}', /state\.json was written by another version.*--state/],
    ['superuser-password', '', /superuser-password is empty.*state folder/],
  ];
  for (const [file, content, message] of damaged) {
    it(`ends with 2 for a ${file} that holds "${content}"`, async () => {
      const state = mkdtempSync(path.join(folder, 'damaged-'));
      writeFileSync(path.join(state, file), content);
      const run = new ProgramRun(['--state', state, '--no-default-cluster']);
      assert.equal(await run.exit(), 2);
      assert.match(run.stderr, message);
      assert.doesNotMatch(run.stderr, /\n {4}at /);
    });
  }

  it('says how it is used', async () => {
    const run = new ProgramRun(['--help']);
    assert.equal(await run.exit(), 0);
    assert.match(run.stdout, /Examples:\n {2}\$ redshift-local /);
  });
});
