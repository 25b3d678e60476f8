import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import {
  type RecordedProcess,
  readStackRecord,
  type StackAddresses,
  type StackRecord,
  writeStackRecord,
} from './stack-record.js';
import { stopProcess } from './stop-process.js';

/** A stack that another process of this machine holds up. */
export interface RunningStack extends StackAddresses {
  /** The process that stops it. */
  readonly pid: number;
}

/** The stack that runs in a state folder, for commands in another terminal; undefined when none does or it is still starting. */
export async function readRunningStack(stateDir: string): Promise<RunningStack | undefined> {
  const record = await readStackRecord(stateDir);
  if (record?.addresses === undefined || !(await isRunning(record.owner))) return undefined;
  return { ...record.addresses, pid: record.owner.pid };
}

/**
 * Stops the servers that a killed owner left running in a state folder. A recycled pid is told apart by its process's start.
 * The caller holds the stack's lock.
 * @returns the names of what was stopped
 */
export async function stopLeftovers(stateDir: string): Promise<readonly string[]> {
  const record = await readStackRecord(stateDir);
  const stopped: string[] = [];
  for (const server of record?.processes ?? []) {
    if (!(await isRunning(server))) continue;
    await stopProcess({ identity: server, withinMs: server.stopWithinMs });
    stopped.push(server.name);
  }
  return stopped;
}

/** Keeps the record of one stack up to date; writes happen one after another. */
export class StackRecorder {
  readonly #stateDir: string;
  #record: StackRecord;
  #writing: Promise<void> = Promise.resolve();

  private constructor(stateDir: string, owner: ProcessIdentity) {
    this.#stateDir = stateDir;
    this.#record = { version: 1, owner, processes: [] };
  }

  static async create(stateDir: string): Promise<StackRecorder> {
    const owner = await identifyProcess(process.pid);
    if (owner === undefined) throw new Error(`cannot identify this process (pid ${process.pid})`);
    const recorder = new StackRecorder(stateDir, owner);
    await recorder.#write();
    return recorder;
  }

  /** Remembers a server before it serves, so that a kill in mid-start leaves nothing unknown behind. */
  addProcess(server: RecordedProcess): Promise<void> {
    this.#record = { ...this.#record, processes: [...this.#record.processes, server] };
    return this.#write();
  }

  setAddresses(addresses: StackAddresses): Promise<void> {
    this.#record = { ...this.#record, addresses };
    return this.#write();
  }

  #write(): Promise<void> {
    const write = this.#writing.then(() => writeStackRecord(this.#stateDir, this.#record));
    // The failure belongs to this caller; the next write tries anew.
    this.#writing = write.catch(() => undefined);
    return write;
  }
}
