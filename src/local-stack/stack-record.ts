import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.js';

/** Addresses of a running stack. */
export interface StackAddresses {
  readonly temporal: {
    /** host:port of the frontend. */
    readonly address: string;
    /** Undefined when the Temporal is not ours and its UI was not found. */
    readonly uiUrl: string | undefined;
    readonly namespace: string;
    /** Path of the `temporal` CLI, or its plain name when none was found and none was needed. */
    readonly binary: string;
  };
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly redshift: {
    readonly controlUrl: string;
    /** PEM file of the local certificate authority. */
    readonly caPath: string;
  };
  /** What a worker or a CLI needs to use this stack. An empty value means: unset it. Holds the S3 secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A server process of a stack, as remembered on disk. */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
  /** Milliseconds it gets between SIGTERM and SIGKILL. */
  readonly stopWithinMs: number;
}

/** What `.starshift/stack.json` holds. */
export interface StackRecord {
  readonly version: 1;
  /** The process that started the stack and stops it. */
  readonly owner: ProcessIdentity;
  readonly processes: readonly RecordedProcess[];
  /** Absent until every server is up. */
  readonly addresses?: StackAddresses;
}

/** Path of the record in a state folder. */
export function stackRecordPath(stateDir: string): string {
  return join(stateDir, 'stack.json');
}

/** The record in a state folder; undefined when there is none that this version understands. */
export async function readStackRecord(stateDir: string): Promise<StackRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(stackRecordPath(stateDir), 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the record at once and whole; only its owner may read it, for it holds the S3 secret. */
export async function writeStackRecord(stateDir: string, record: StackRecord): Promise<void> {
  const path = stackRecordPath(stateDir);
  const next = `${path}.next`;
  await writeFile(next, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(next, path);
}

/** Forgets the stack of a state folder. */
export async function removeStackRecord(stateDir: string): Promise<void> {
  await rm(stackRecordPath(stateDir), { force: true });
}

function isRecord(value: unknown): value is StackRecord {
  return (
    typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'processes' in value
  );
}
