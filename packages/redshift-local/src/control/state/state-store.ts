import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { SetupError } from '../../engine/setup-error.js';
import type { ControlState } from './control-state.js';

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
    return { version: 1, clusters: {}, snapshots: {}, roles: {}, securityGroups: {}, secrets: {} };
  }
  const remedy = 'Move the state folder away, or choose another one with --state.';
  let state: ControlState;
  try {
    state = JSON.parse(text) as ControlState;
  } catch (cause) {
    throw new SetupError(`${file} is damaged. ${remedy}`, { cause });
  }
  if (state.version !== 1) throw new SetupError(`${file} was written by another version of redshift-local. ${remedy}`);
  return state;
}
