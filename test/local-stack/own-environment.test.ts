import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentFilePath, writeEnvironmentFile } from '../../src/local-stack/environment-file.js';
import { findExistingTemporal } from '../../src/local-stack/existing-temporal.js';
import { withoutOwnStack } from '../../src/local-stack/own-environment.js';
import { stackEnvironment } from '../../src/local-stack/stack-environment.js';

/** Nothing ever listens on port 1 of a test machine. */
const GONE = '127.0.0.1:1';

const stack = (environment: Readonly<Record<string, string>>) => ({
  temporal: { address: GONE, uiUrl: undefined, namespace: 'default', binary: 'temporal' },
  s3: { endpoint: '', region: '', accessKeyId: '', secretAccessKey: '' },
  redshift: { controlUrl: '', caPath: '' },
  environment,
});

describe('a shell that sourced stack.env', () => {
  let stateDir: string;
  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'starshift-env-'));
  });
  after(() => rm(stateDir, { recursive: true, force: true }));

  const written = async (environment: Readonly<Record<string, string>>) => {
    await writeEnvironmentFile(stateDir, stack(environment));
    return readFile(environmentFilePath(stateDir), 'utf8');
  };

  it('starts a stack again after the first one stopped', async () => {
    assert.equal(await findExistingTemporal({ TEMPORAL_ADDRESS: GONE, STARSHIFT_STACK_TEMPORAL: GONE }), undefined);
  });

  it('still hears of a Temporal that a person named afterwards', async () => {
    const environment = { TEMPORAL_ADDRESS: GONE, STARSHIFT_STACK_TEMPORAL: '127.0.0.1:7233' };
    await assert.rejects(findExistingTemporal(environment), /TEMPORAL_ADDRESS is 127\.0\.0\.1:1, but nothing answers/);
    assert.equal(withoutOwnStack(environment), environment);
  });

  it('loses what points to the stopped stack, and nothing else', () => {
    const environment = {
      ...{ PATH: '/bin', TEMPORAL_ADDRESS: GONE, STARSHIFT_STACK_TEMPORAL: GONE, TEMPORAL_CONFIG_FILE: '/gone.toml' },
      ...{ STARSHIFT_REDSHIFT_CA: '/gone.pem', AWS_ENDPOINT_URL_S3: 'http://gone', STARSHIFT_STATE_DIR: '/kept' },
    };
    assert.deepEqual(withoutOwnStack(environment), { PATH: '/bin', STARSHIFT_STATE_DIR: '/kept' });
  });

  it('has the address of its Web UI for links, unless a person has given another', async () => {
    const running = { ...stack({}), temporal: { ...stack({}).temporal, uiUrl: 'http://127.0.0.1:8233' } };
    const variables = (base: Readonly<Record<string, string>>) =>
      stackEnvironment({ stack: running, temporalConfigFile: undefined, base });
    assert.equal(variables({}).STARSHIFT_UI_URL, 'http://127.0.0.1:8233');
    assert.match(await written(variables({})), /^export STARSHIFT_UI_URL='http:\/\/127\.0\.0\.1:8233'$/m);
    assert.equal(variables({ STARSHIFT_UI_URL: 'https://t.example.com' }).STARSHIFT_UI_URL, undefined);

    const left = { TEMPORAL_ADDRESS: GONE, STARSHIFT_STACK_TEMPORAL: GONE };
    assert.deepEqual(withoutOwnStack({ ...left, STARSHIFT_UI_URL: 'http://127.0.0.1:8233' }), {});
    const own = { STARSHIFT_UI_URL: 'https://t.example.com' };
    assert.deepEqual(withoutOwnStack({ ...left, ...own }), own);
  });

  it("knows whether the Temporal is the stack's own", async () => {
    const own = await written({ TEMPORAL_ADDRESS: GONE, TEMPORAL_CONFIG_FILE: '/x.toml' });
    assert.match(own, /^export STARSHIFT_STACK_TEMPORAL='127\.0\.0\.1:1'$/m);
    assert.match(await written({ TEMPORAL_ADDRESS: GONE }), /^unset STARSHIFT_STACK_TEMPORAL$/m);
  });
});
