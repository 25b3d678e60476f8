import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createFolder } from '../create-folder.js';
import { SampleError } from './sample-error.js';

/** Says that a folder holds a whole generated sample, and of which arguments. Written last. */
export const MARKER_FILE = '.starshift-sample.json';

export interface OutputRequest<Facts> {
  readonly outDir: string;
  /** What the content depends on. A folder that was made with the same is left as it is. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Replace a sample that was made with other arguments. Never replaces anything else. */
  readonly force: boolean;
  /** Writes the sample into the folder it is given. */
  readonly write: (folder: string) => Promise<Facts>;
}

export interface Output<Facts> {
  readonly facts: Facts;
  /** True when the folder already held this sample. */
  readonly reused: boolean;
}

/**
 * Makes a folder that is either whole or not there: the sample is written beside it and renamed at the end. After a crash, what is left
 * beside it is removed by the next call.
 * @throws SampleError
 */
export async function makeFolder<Facts>({ outDir, args, force, write }: OutputRequest<Facts>): Promise<Output<Facts>> {
  const out = resolve(outDir);
  try {
    const found = await inspect<Facts>(out);
    if (found.marker !== undefined && JSON.stringify(found.marker.args) === JSON.stringify(args)) {
      return { facts: found.marker.facts, reused: true };
    }
    refuse({ out, found, force });
    await createFolder(dirname(out));
    await removeLeftovers(out);
    const partial = beside(out, 'partial');
    try {
      await mkdir(partial);
      const facts = await write(partial);
      await writeFile(join(partial, MARKER_FILE), `${JSON.stringify({ args, facts }, null, 2)}\n`);
      await replace(partial, out, found.state);
      return { facts, reused: false };
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw explain(error, out);
  }
}

interface Found<Facts> {
  readonly state: 'absent' | 'empty' | 'sample' | 'foreign';
  readonly marker?: { readonly args: unknown; readonly facts: Facts };
}

async function inspect<Facts>(out: string): Promise<Found<Facts>> {
  try {
    const names = await readdir(out);
    if (names.length === 0) return { state: 'empty' };
    if (!names.includes(MARKER_FILE)) return { state: 'foreign' };
    return { state: 'sample', marker: JSON.parse(await readFile(join(out, MARKER_FILE), 'utf8')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent' };
    if (error instanceof SyntaxError) return { state: 'foreign' };
    throw error;
  }
}

function refuse({
  out,
  found,
  force,
}: {
  readonly out: string;
  readonly found: Found<unknown>;
  readonly force: boolean;
}) {
  if (found.state === 'foreign') {
    throw new SampleError(
      `${out} is not empty and holds no generated sample. Nothing was changed; name a new or empty folder.`,
      'usage',
    );
  }
  if (found.state === 'sample' && !force) {
    const made = JSON.stringify(found.marker?.args);
    const message = `${out} holds a sample made with other arguments (${made}). Nothing was changed; add --force to replace it, or name another folder.`;
    throw new SampleError(message, 'usage');
  }
}

/** The old sample stays until the new one is whole. */
async function replace(partial: string, out: string, state: Found<unknown>['state']): Promise<void> {
  if (state === 'sample') {
    const old = beside(out, 'old');
    await rename(out, old);
    await rename(partial, out);
    await rm(old, { recursive: true, force: true });
    return;
  }
  if (state === 'empty') await rmdir(out);
  await rename(partial, out);
}

/** Named after the process, so that two at once do not write into one folder. */
function beside(out: string, what: 'partial' | 'old', pid: number = process.pid): string {
  return join(dirname(out), `.${basename(out)}.${what}-${pid}`);
}

async function removeLeftovers(out: string): Promise<void> {
  for (const name of await readdir(dirname(out))) {
    const pid = Number(/\.(?:partial|old)-(\d+)$/.exec(name)?.[1]);
    if (Number.isNaN(pid) || !name.startsWith(`.${basename(out)}.`)) continue;
    if (pid === process.pid || !isRunning(pid)) await rm(join(dirname(out), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** File system errors a person can do something about, in words. Others and an abort's reason pass through. */
function explain(error: unknown, out: string): unknown {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'you may not write there; choose another folder or change its permissions',
    EPERM: 'you may not write there; choose another folder or change its permissions',
    EROFS: 'the file system is read-only; choose another folder',
    ENOENT: 'nothing can be created there; choose another folder',
    ENOTDIR: 'a part of the path is a file; choose another folder',
    ENOSPC: 'the disk is full; free some space or ask for fewer events',
    EDQUOT: 'the disk quota is used up; free some space or ask for fewer events',
    EBUSY: 'it is in use, perhaps a mount point; name a folder inside it',
  };
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  return new SampleError(`Cannot write the sample to ${path ?? out}: ${reason}.`, 'io', { cause: error });
}
