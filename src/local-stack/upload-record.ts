import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Starshift has put into one folder of a bucket. */
export interface Uploaded {
  /** What the files are of: `the sample`, or the folder that a person gave. */
  readonly source: string;
  /** By key, the ETags an object of ours can have: two while it is being replaced. An object with another one is somebody else's. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
}

interface UploadRecord {
  readonly version: 1;
  /** By `s3://bucket/folder/`. */
  readonly folders: Readonly<Record<string, Uploaded>>;
}

/** Path of the record in a state folder: beside the buckets, so that no load takes it for data. */
export function uploadRecordPath(stateDir: string): string {
  return join(stateDir, 'uploads.json');
}

/** What was uploaded to a place; undefined when there is no record of it, as before there were records. */
export async function readUploaded(file: string, place: string): Promise<Uploaded | undefined> {
  return (await readRecord(file)).folders[place];
}

/** Remembers what was uploaded to a place, at once and whole. */
export async function writeUploaded(file: string, place: string, uploaded: Uploaded): Promise<void> {
  const record = await readRecord(file);
  const next = `${file}.next`;
  const folders = { ...record.folders, [place]: uploaded };
  await writeFile(next, `${JSON.stringify({ ...record, folders })}\n`, { mode: 0o600 });
  await rename(next, file);
}

/** A record that cannot be understood is none: then nothing counts as ours but what has the same content. */
async function readRecord(file: string): Promise<UploadRecord> {
  const none: UploadRecord = { version: 1, folders: {} };
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(value) ? value : none;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return none;
    throw error;
  }
}

function isRecord(value: unknown): value is UploadRecord {
  const record = value as Partial<UploadRecord> | null;
  return typeof record === 'object' && record?.version === 1 && typeof record.folders === 'object';
}
