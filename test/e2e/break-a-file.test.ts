import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { LocalStack } from '../../src/local-stack/start-local-stack.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { startProgram } from './support/run-program.js';

/** What a person with an account of their own has in a shell. */
const AWS = {
  ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDREAL', AWS_SECRET_ACCESS_KEY: 'secret' },
  AWS_ENDPOINT_URL_S3: 'http://s3.invalid:9',
};

describe('examples/break-a-file.mjs', () => {
  let stack: LocalStack;
  let client: S3Client;
  let empty: string;

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    stack = await getTestStack({ temporal: false, redshift: false });
    empty = await mkdtemp(join(tmpdir(), 'starshift-break-'));
    const { endpoint, region, ...credentials } = stack.s3;
    client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'starshift-demo' })).catch((error: Error) => {
      assert.equal(error.name, 'BucketAlreadyOwnedByYou');
    });
  });
  after(async () => {
    client.destroy();
    await rm(empty, { recursive: true });
  });

  const run = (flags: readonly string[], settings: NodeJS.ProcessEnv) =>
    startProgram({
      ...{ command: process.execPath, args: ['examples/break-a-file.mjs', ...flags] },
      environment: { PATH: process.env.PATH, HOME: empty, ...settings },
    }).finished;

  const isThere = async () => {
    const Prefix = 'sparkify/log_data/broken.json';
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket: 'starshift-demo', Prefix }));
    return KeyCount === 1;
  };

  it('finds the stack that is running, whatever AWS settings a shell has', async () => {
    const settings = { ...AWS, STARSHIFT_STATE_DIR: stack.stateDir };
    const wrote = await run([], settings);
    assert.equal(wrote.stdout, 'wrote s3://starshift-demo/sparkify/log_data/broken.json\n', wrote.stderr);
    assert.equal(await isThere(), true);
    assert.equal((await run(['--remove'], settings)).code, 0);
    assert.equal(await isThere(), false);
  });

  it('finds the stack whose stack.env was sourced', async () => {
    const settings = { ...stack.environment, STARSHIFT_STACK_TEMPORAL: '127.0.0.1:7233', STARSHIFT_STATE_DIR: empty };
    assert.equal(
      (await run(['--mend'], settings)).stdout,
      'mended s3://starshift-demo/sparkify/log_data/broken.json\n',
    );
    assert.equal((await run(['--remove'], settings)).code, 0);
  });

  it('writes nowhere without a local stack, and says how to start one', async () => {
    for (const settings of [{}, AWS, { ...AWS, STARSHIFT_STACK_TEMPORAL: '127.0.0.1:7233' }]) {
      const { code, stdout, stderr } = await run([], { ...settings, STARSHIFT_STATE_DIR: empty });
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /^The local stack is not running\. Start it with `npm start` or `npx starshift local`.*\n$/);
    }
    const gone = { ...AWS, STARSHIFT_STACK_TEMPORAL: '127.0.0.1:1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' };
    const { code, stderr } = await run([], { ...gone, STARSHIFT_STATE_DIR: empty });
    assert.equal(code, 1);
    assert.match(stderr, /^Nothing answers at http:\/\/127\.0\.0\.1:1, the local stack's S3\. Start it/);
  });
});
