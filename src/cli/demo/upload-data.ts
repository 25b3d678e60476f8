import type { LocalStack } from '../../local-stack/start-local-stack.js';
import { uploadFolder } from '../../local-stack/upload-folder.js';
import { formatCount } from '../format.js';
import type { Terminal } from '../terminal.js';
import type { DemoData } from './demo-data.js';
import { DEMO_BUCKET, DEMO_PREFIX } from './demo-run.js';
import { prepareSample } from './sample.js';
import { stackLines } from './stack-lines.js';

/** Which data goes to which stack. */
export interface UploadDataRequest {
  /** Undefined: the generated sample. */
  readonly given: DemoData | undefined;
  readonly stack: LocalStack;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/**
 * Puts the data where the demo's run and the files in examples/ look for it; what is there already stays. The sample is made only now
 * that the stack is ours: beside a running one, nothing may be written.
 */
export async function uploadData({ given, stack, terminal, signal }: UploadDataRequest): Promise<DemoData> {
  const data = given ?? (await prepareSample({ stateDir: stack.stateDir, terminal, signal }));
  const show = stackLines(terminal);
  const to = `s3://${DEMO_BUCKET}/${DEMO_PREFIX}`;
  const done = await uploadFolder({
    ...{ dir: data.folder, bucket: DEMO_BUCKET, prefix: DEMO_PREFIX, s3: stack.s3, signal },
    onProgress: ({ files, totalFiles }) =>
      show({
        part: 'upload',
        message: `${formatCount(files)} of ${formatCount(totalFiles)} files to ${to}`,
        ongoing: true,
      }),
  });
  const already = done.skippedFiles === 0 ? '' : `, ${formatCount(done.skippedFiles)} were there already`;
  show({ part: 'upload', message: `${formatCount(done.uploadedFiles)} files to ${to}${already}`, ongoing: false });
  return data;
}
