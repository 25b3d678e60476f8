import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { SetupError } from '../../engine/setup-error.js';
import type { ControlState } from './control-state.js';
import { record } from './record.js';

const COLLECTIONS = ['clusters', 'snapshots', 'roles', 'securityGroups', 'secrets'] as const;

/** The control plane's memory and the file behind it. */
export interface StateStore {
  /** The current state; records in it are replaced, never changed in place. */
  readonly state: ControlState;
  /** Writes the state, readable by its owner only: a crash leaves the old file or the new one. */
  save(): void;
}

/** Opens the state file, or begins with an empty state. Throws SetupError when the file is not one of ours. */
export function openStateStore(file: string): StateStore {
  const state = readState(file);
  return {
    state,
    save: () => {
      const unfinished = `${file}.writing`;
      const fd = openSync(unfinished, 'w', 0o600);
      try {
        writeSync(fd, `${JSON.stringify(state, undefined, 2)}\n`);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(unfinished, file);
    },
  };
}

function readState(file: string): ControlState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {
      version: 1,
      clusters: record(),
      snapshots: record(),
      roles: record(),
      securityGroups: record(),
      secrets: record(),
    };
  }
  const remedy = 'Move the state folder away, or choose another one with --state.';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, withoutPrototype);
  } catch (cause) {
    throw new SetupError(`${file} is damaged. ${remedy}`, { cause });
  }
  if (!isRecord(parsed)) throw new SetupError(`${file} is damaged. ${remedy}`);
  if (parsed.version !== 1) throw new SetupError(`${file} was written by another version of redshift-local. ${remedy}`);
  if (!COLLECTIONS.every((name) => isRecord(parsed[name]))) throw new SetupError(`${file} is damaged. ${remedy}`);
  return parsed as unknown as ControlState;
}

/** A JSON reviver: what a user named is looked up in these objects, and every object has a "constructor". */
function withoutPrototype(_key: string, value: unknown): unknown {
  return isRecord(value) ? record(Object.entries(value)) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
