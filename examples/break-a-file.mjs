// Puts a log file with a broken line beside the demo's good ones, so that a load parks. --mend puts the line right, --remove takes the
// file away again. Talks to the local stack and to nothing else: the one whose stack.env was sourced, or the one that is running.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

// The lock file pins an AWS SDK that takes Node 20; its reminder says nothing new.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const BROKEN = { page: 'NextSong', ts: 'not a time' };
const MENDED = {
  ...{ artist: 'Elena', auth: 'Logged In', firstName: 'Ann', gender: 'F', itemInSession: 0, lastName: 'Lee' },
  ...{
    length: 269.58322,
    level: 'free',
    location: 'Oslo',
    method: 'PUT',
    page: 'NextSong',
    registration: 1540511766796,
  },
  ...{
    sessionId: 1000001,
    song: 'Setanta matins',
    status: 200,
    ts: 1541440182796,
    userAgent: 'curl',
    userId: '1000001',
  },
};

const HOW = 'Start it with `npm start` or `npx starshift local`, then run this again.';

/** Where the local S3 is; undefined when no local stack is known. */
function findLocalS3() {
  const { STARSHIFT_STACK_TEMPORAL: sourced, AWS_ENDPOINT_URL_S3: endpoint = '', AWS_REGION: region } = process.env;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (sourced && isOfThisMachine(endpoint)) return { endpoint, region, accessKeyId, secretAccessKey };
  const folder = process.env.STARSHIFT_STATE_DIR || fileURLToPath(new URL('../.starshift', import.meta.url));
  try {
    const s3 = JSON.parse(readFileSync(join(resolve(folder), 'stack.json'), 'utf8')).addresses?.s3;
    return isOfThisMachine(s3?.endpoint ?? '') ? s3 : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isOfThisMachine(endpoint) {
  return /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(endpoint);
}

async function change({ endpoint, region, accessKeyId, secretAccessKey }) {
  const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
  const place = { Bucket: 'starshift-demo', Key: 'sparkify/log_data/broken.json' };
  const url = `s3://${place.Bucket}/${place.Key}`;
  if (process.argv.includes('--remove')) {
    await s3.send(new DeleteObjectCommand(place));
    return `removed ${url}`;
  }
  const isMended = process.argv.includes('--mend');
  await s3.send(new PutObjectCommand({ ...place, Body: `${JSON.stringify(isMended ? MENDED : BROKEN)}\n` }));
  return `${isMended ? 'mended' : 'wrote'} ${url}`;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

const s3 = findLocalS3();
if (s3 === undefined) {
  fail(`The local stack is not running. ${HOW}`);
} else {
  try {
    console.info(await change(s3));
  } catch (error) {
    const isGone = error.code === 'ECONNREFUSED';
    fail(
      isGone ? `Nothing answers at ${s3.endpoint}, the local stack's S3. ${HOW}` : `${s3.endpoint}: ${error.message}`,
    );
  }
}
