// Puts a log file with a broken line beside the demo's good ones, so that a load parks; with --mend takes it away again.
// Needs the variables of the local stack: source .starshift/stack.env
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

// The lock file pins an AWS SDK that takes Node 20; its reminder says nothing new.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const place = { Bucket: 'starshift-demo', Key: 'sparkify/log_data/broken.json' };
const s3 = new S3Client({ forcePathStyle: true });

if (process.argv.includes('--mend')) {
  await s3.send(new DeleteObjectCommand(place));
  console.info(`removed s3://${place.Bucket}/${place.Key}`);
} else {
  await s3.send(new PutObjectCommand({ ...place, Body: '{"page": "NextSong", "ts": "not a time"}\n' }));
  console.info(`wrote s3://${place.Bucket}/${place.Key}`);
}
