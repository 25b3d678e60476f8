import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { inspectInstallation } from '../../src/cli/doctor/inspect-installation.js';
import { inspectSettings } from '../../src/cli/doctor/inspect-settings.js';

const DOCTOR = fileURLToPath(new URL('../fixtures/run-doctor.ts', import.meta.url));

const lines = (found: readonly Finding[]) =>
  found.map(({ status, name, fix }) => `${status} ${name}${fix ? `: ${fix}` : ''}`);

describe('inspectSettings', () => {
  it('has nothing to say about an ordinary environment', () => {
    assert.deepEqual(lines(inspectSettings({ PATH: '/bin', STARSHIFT_PASSWORD_ADMIN: 'x' })), ['ok environment']);
  });

  it('recognises a misspelt setting', () => {
    assert.deepEqual(lines(inspectSettings({ STARSHIFT_CACH_DIR: '/tmp' })), [
      'warning STARSHIFT_CACH_DIR: Did you mean STARSHIFT_CACHE_DIR?',
    ]);
  });

  it('tells every wrong setting with its example', () => {
    const found = inspectSettings({ STARSHIFT_S3_PATH_STYLE: 'maybe', TEMPORAL_ADDRESS: 'nowhere' });
    assert.deepEqual(
      found.map(({ status, name }) => `${status} ${name}`),
      ['broken STARSHIFT_S3_PATH_STYLE', 'broken TEMPORAL_ADDRESS'],
    );
    assert.match(found[1]?.detail ?? '', /for example TEMPORAL_ADDRESS=127\.0\.0\.1:7233/);
  });

  it('sees that a profile hides the keys', () => {
    const [found] = inspectSettings({
      AWS_PROFILE: 'work',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'hidden-secret',
    });
    assert.equal(found?.name, 'AWS_PROFILE');
    assert.match(found.detail, /the AWS SDK ignores the keys/);
    assert.equal(JSON.stringify(found).includes('hidden-secret'), false);
  });

  it('sees a key without its secret', () => {
    assert.deepEqual(lines(inspectSettings({ AWS_ACCESS_KEY_ID: 'a' })), [
      'broken AWS_ACCESS_KEY_ID: Set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID.',
    ]);
  });

  it('warns of a local S3 beside the real Redshift', () => {
    const [found] = inspectSettings({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:7070' });
    assert.equal(found?.status, 'warning');
    assert.equal(found.detail, 'points to this machine while REDSHIFT would go to AWS');
  });

  it('misses the authority of a local Redshift', () => {
    const url = 'http://localhost:7480';
    const found = inspectSettings({ AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_REDSHIFT: url });
    assert.deepEqual(
      found.map(({ name }) => name),
      ['STARSHIFT_REDSHIFT_CA'],
    );
  });
});

describe('inspectInstallation', () => {
  it('says how to get the servers that are not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starshift-doctor-'));
    try {
      const found = await inspectInstallation({
        environment: { PATH: '', STARSHIFT_CACHE_DIR: folder },
        stateDir: folder,
      });
      const temporal = found.find(({ name }) => name === 'temporal');
      assert.equal(temporal?.status, 'warning');
      assert.equal(temporal.detail, 'not installed: it will be downloaded at the first start');
      assert.match(temporal.fix ?? '', /^Install the Temporal CLI/);
      assert.equal(found.find(({ name }) => name === 'postgres')?.detail, 'postgres (PostgreSQL) 18.4');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('names a folder that cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starshift-doctor-'));
    try {
      await writeFile(join(folder, 'file'), '');
      const stateDir = join(folder, 'file', 'state');
      const found = await inspectInstallation({ environment: { STARSHIFT_CACHE_DIR: folder }, stateDir });
      const state = found.find(({ name }) => name === 'state folder');
      assert.equal(state?.status, 'broken');
      assert.equal(state.fix, `Make ${stateDir} writable, or name another with STARSHIFT_STATE_DIR.`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('starshift doctor', () => {
  const run = (environment: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, ['--import', 'tsx', DOCTOR, 'doctor', '--json'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, STARSHIFT_STATE_DIR: stateDir, ...environment },
    });
  let stateDir: string;

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-doctor-'));
  });
  after(() => rm(stateDir, { recursive: true, force: true }));

  it('answers 0 where nothing required is broken, and one JSON document', () => {
    const { status, stdout } = run({});
    const { ok, findings } = JSON.parse(stdout);
    assert.equal(status, 0, stdout);
    assert.equal(ok, true);
    const skipped = findings.filter((finding: Finding) => finding.status === 'skipped');
    assert.deepEqual(
      skipped.map(({ name }: Finding) => name),
      ['temporal', 'aws'],
    );
  });

  it('answers 1 when the Temporal that is named does not answer', () => {
    const { status, stdout } = run({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const temporal = JSON.parse(stdout).findings.find(
      ({ group, name }: Finding) => group === 'reachable' && name === 'temporal',
    );
    assert.equal(status, 1);
    assert.equal(temporal.status, 'broken');
    assert.match(temporal.detail, /^Temporal at 127\.0\.0\.1:1 cannot be reached/);
  });
});
