// Puts a log file with a broken line beside the demo's good ones, so that a load parks. --mend puts the line right, --remove takes the
// file away again. Needs the variables of the local stack: source .starshift/stack.env
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

const place = { Bucket: 'starshift-demo', Key: 'sparkify/log_data/broken.json' };
const url = `s3://${place.Bucket}/${place.Key}`;
const s3 = new S3Client({ forcePathStyle: true });

if (process.argv.includes('--remove')) {
  await s3.send(new DeleteObjectCommand(place));
  console.info(`removed ${url}`);
} else {
  const isMended = process.argv.includes('--mend');
  await s3.send(new PutObjectCommand({ ...place, Body: `${JSON.stringify(isMended ? MENDED : BROKEN)}\n` }));
  console.info(`${isMended ? 'mended' : 'wrote'} ${url}`);
}
