import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, PROJECT_ROOT, readConfig } from '../../src/config.js';

describe('readConfig', () => {
  let folder: string;
  // Of a machine where nobody ever configured Temporal.
  const env = (settings: Record<string, string> = {}) => ({ HOME: folder, XDG_CONFIG_HOME: folder, ...settings });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'starshift-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('needs no setting at all', () => {
    const config = readConfig(env());
    assert.equal(config.warehousesDir, join(PROJECT_ROOT, 'sql'));
    assert.equal(config.stateDir, join(PROJECT_ROOT, '.starshift'));
    assert.equal(config.taskQueue, 'starshift');
    assert.equal(config.s3PathStyle, false);
    assert.equal(config.redshiftCa, undefined);
    assert.deepEqual(config.secretPrefixes, ['redshift!', 'starshift/']);
    assert.equal(config.temporal.address, '127.0.0.1:7233');
    assert.equal(config.temporal.configured, false);
    assert.equal(config.temporal.namespace, 'default');
  });

  it('reports every wrong setting at once, each with an example', () => {
    const settings = {
      STARSHIFT_WAREHOUSES: join(folder, 'nowhere'),
      STARSHIFT_REDSHIFT_CA: join(folder, 'missing.pem'),
      STARSHIFT_S3_PATH_STYLE: 'maybe',
      STARSHIFT_SECRETS: 'music/*',
      TEMPORAL_ADDRESS: 'localhost',
    };
    assert.throws(
      () => readConfig(env(settings)),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.errors.length, 5);
        for (const name of Object.keys(settings)) {
          const line = error.errors.find((text) => text.startsWith(`${name}: `));
          assert.match(line ?? '', new RegExp(`for example ${name}=`));
        }
        return true;
      },
    );
  });

  it('refuses a CA file that holds no certificate', () => {
    const path = join(folder, 'not-a.pem');
    writeFileSync(path, 'hello');
    assert.throws(() => readConfig(env({ STARSHIFT_REDSHIFT_CA: path })), /holds no PEM certificate/);
  });

  it('takes an empty variable for one that is not set', () => {
    const config = readConfig(env({ TEMPORAL_ADDRESS: '', STARSHIFT_TASK_QUEUE: '', STARSHIFT_REDSHIFT_CA: '' }));
    assert.equal(config.temporal.configured, false);
    assert.equal(config.taskQueue, 'starshift');
  });

  it('reads the profile that the Temporal CLI reads', () => {
    const file = join(folder, 'temporal.toml');
    writeFileSync(file, '[profile.staging]\naddress = "temporal.staging:7233"\nnamespace = "music"\n');
    const config = readConfig(env({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' }));
    assert.equal(config.temporal.address, 'temporal.staging:7233');
    assert.equal(config.temporal.namespace, 'music');
    assert.equal(config.temporal.configured, true);
  });

  it('names the profile that does not exist', () => {
    const file = join(folder, 'temporal.toml');
    writeFileSync(file, '[profile.default]\naddress = "127.0.0.1:7233"\n');
    const settings = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'absent' };
    assert.throws(() => readConfig(env(settings)), /TEMPORAL_PROFILE.*absent/);
  });

  it('takes the beginnings of the names of secrets that inputs may name', () => {
    const { secretPrefixes } = readConfig(env({ STARSHIFT_SECRETS: ' music/, redshift!,' }));
    assert.deepEqual(secretPrefixes, ['music/', 'redshift!']);
    assert.throws(() => readConfig(env({ STARSHIFT_SECRETS: ', ,' })), /STARSHIFT_SECRETS: names no secret/);
  });

  it('gives out passwords by the names an input may use, and nothing else', () => {
    const { password } = readConfig(env({ STARSHIFT_PASSWORD_ADMIN: 'secret', AWS_SECRET_ACCESS_KEY: 'other' }));
    assert.equal(password('STARSHIFT_PASSWORD_ADMIN'), 'secret');
    assert.equal(password('STARSHIFT_PASSWORD_NOBODY'), undefined);
    assert.equal(password('AWS_SECRET_ACCESS_KEY'), undefined);
  });
});
