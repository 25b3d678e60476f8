import { join, relative } from 'node:path';
import type { LocalStack } from '../../local-stack/start-local-stack.js';
import {
  findOtherData,
  type OtherData,
  type UploadRequest,
  type UploadResult,
  uploadFolder,
} from '../../local-stack/upload-folder.js';
import { uploadRecordPath } from '../../local-stack/upload-record.js';
import { formatCount, shellQuote } from '../format.js';
import type { Terminal } from '../terminal.js';
import type { DemoData } from './demo-data.js';
import { DEMO_BUCKET, DEMO_PREFIX } from './demo-run.js';
import { prepareSample, sampleFolder } from './sample.js';
import { stackLines } from './stack-lines.js';

/** Which data goes to which stack. */
export interface UploadDataRequest {
  /** Undefined: the generated sample. */
  readonly given: DemoData | undefined;
  /** Another data set that is there stays when none was given. */
  readonly keepOther: boolean;
  readonly stack: LocalStack;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

const TO = `s3://${DEMO_BUCKET}/${DEMO_PREFIX}`;
const SAMPLE = 'the sample';
/** More names than these help nobody. */
const NAMED_FILES = 3;

/**
 * Puts the data where the demo's run and the files in examples/ look for it; what others have put or changed there stays, and is said.
 * The sample is made only now that the stack is ours: beside a running one, nothing may be written.
 */
export async function uploadData(request: UploadDataRequest): Promise<DemoData> {
  const { given, keepOther, stack, terminal, signal } = request;
  const data = given ?? (await prepareSample({ stateDir: stack.stateDir, terminal, signal }));
  const show = stackLines(terminal);
  const say = (message: string) => show({ part: 'upload', message, ongoing: false });
  const source = data.folder === sampleFolder(stack.stateDir) ? SAMPLE : data.folder;
  const upload: UploadRequest = {
    ...{ dir: data.folder, source, bucket: DEMO_BUCKET, prefix: DEMO_PREFIX, s3: stack.s3, signal },
    recordFile: uploadRecordPath(stack.stateDir),
    onProgress: ({ files, totalFiles }) =>
      show({
        part: 'upload',
        message: `${formatCount(files)} of ${formatCount(totalFiles)} files to ${TO}`,
        ongoing: true,
      }),
  };
  const other = given === undefined && keepOther ? await findOtherData(upload) : undefined;
  if (other === undefined) uploadLines(await uploadFolder(upload), source).forEach(say);
  else say(otherDataLine(other, data.folder));
  return data;
}

/** What an upload did, and what it left alone. */
export function uploadLines(done: UploadResult, source: string): string[] {
  const already = done.skippedFiles === 0 ? '' : `, ${formatCount(done.skippedFiles)} were there already`;
  const lines = [`${formatCount(done.uploadedFiles)} files to ${TO}${already}`];
  const { earlierSource, replacedObjects, removedObjects } = done;
  if (earlierSource !== undefined) {
    lines.push(
      `the files of ${earlierSource} gave way to those of ${source}: ${formatCount(replacedObjects)} replaced, ${formatCount(removedObjects)} removed`,
    );
  } else if (removedObjects > 0) {
    lines.push(`${countFiles(removedObjects)} of an earlier state of ${source} removed`);
  }
  if (done.changed.length > 0) lines.push(kept('that somebody has changed', done.changed));
  if (done.foreign.length > 0)
    lines.push(kept(`that ${done.foreign.length === 1 ? 'is' : 'are'} not of ${source}`, done.foreign));
  return lines;
}

function kept(which: string, names: readonly string[]): string {
  const more = names.length > NAMED_FILES ? `, and ${formatCount(names.length - NAMED_FILES)} more` : '';
  const stay = names.length === 1 ? 'stays' : 'stay';
  return `${countFiles(names.length)} ${which} ${stay}: ${names.slice(0, NAMED_FILES).join(', ')}${more}`;
}

function otherDataLine({ source, files }: OtherData, folder: string): string {
  const whose =
    source === undefined
      ? `${countFiles(files)} that ${files === 1 ? 'is' : 'are'} not of the sample`
      : `the files of ${source}`;
  const path = relative(process.cwd(), folder);
  return `${TO} holds ${whose}, which stay; for the sample: npx starshift local --data ${shellQuote(path.startsWith('..') ? folder : join('.', path))}`;
}

function countFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
}
