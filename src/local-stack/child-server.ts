import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { Environment } from '../config.js';
import { LocalStackError } from './local-stack-error.js';
import { findListener } from './port-holder.js';
import { guardProcess } from './process-guard.js';
import { identifyProcess, type ProcessIdentity } from './process-identity.js';
import { stopProcess } from './stop-process.js';
import { waitUntil } from './wait-until.js';

const LOG_TAIL_LINES = 15;
const LOG_TAIL_BYTES = 4_000;
/** How Go, Node and redshift-local say that somebody else has the port. */
const PORT_IN_USE = /address already in use|EADDRINUSE|port \d+ is in use/i;

/** How a server process is started and how one knows that it serves. */
export interface ChildServerSpec {
  /** As a person calls it: "Temporal", "S3", "redshift-local". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process; nothing is inherited. */
  readonly environment: Environment;
  /** Both output streams go there; it starts anew with every start. */
  readonly logFile: string;
  /** Asked repeatedly until it answers true. */
  readonly isReady: () => Promise<boolean>;
  /** A port that must be the process's own when it serves: another server may answer there while ours fails to bind. */
  readonly port?: number;
  readonly readyWithinMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly stopWithinMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as the process exists, long before it serves. */
  readonly onSpawn?: (identity: ProcessIdentity) => Promise<void>;
}

/** A server process of this stack. */
export interface ChildServer {
  readonly name: string;
  readonly identity: ProcessIdentity;
  /** Resolves when the process ends without having been stopped; never when it is stopped. */
  readonly crashed: Promise<LocalStackError>;
  /** Stops it, by force after its deadline; harmless when it already ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server in its own process group, so that Ctrl-C on the terminal reaches only us and servers stop in our order,
 * and waits until it serves.
 * @throws LocalStackError server-failed with the end of its log when it ends or does not serve in time, port-taken when its log says that
 *   somebody else has its port; nothing is left running.
 */
export async function startChildServer(spec: ChildServerSpec): Promise<ChildServer> {
  spec.signal?.throwIfAborted();
  const child = await spawnDetached(spec);
  const ended = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
  );
  const identity = child.pid === undefined ? undefined : await identifyProcess(child.pid);
  if (identity === undefined) throw await failure(spec, `ended at once (${await ended})`);
  const guard = guardProcess({ pid: identity.pid, stopWithinMs: spec.stopWithinMs });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await stopProcess({ identity, withinMs: spec.stopWithinMs });
    guard.release();
  };
  const crashed = new Promise<LocalStackError>((resolve, reject) => {
    ended
      .then(async (how) => {
        guard.release();
        if (!stopping) resolve(await failure(spec, `ended by itself (${how})`));
      })
      .catch(reject);
  });
  try {
    await spec.onSpawn?.(identity);
    await untilReady({ spec, pid: identity.pid, crashed });
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: spec.name, identity, crashed, stop };
}

/** The process is unreferenced: it never keeps us alive, and if we end without stopping it, its guard does. */
async function spawnDetached(spec: ChildServerSpec): Promise<ChildProcess> {
  const log = await open(spec.logFile, 'w', 0o600);
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.environment },
      // The pipe lets a server that watches its standard input see our end.
      stdio: ['pipe', log.fd, log.fd],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(
          new LocalStackError('server-failed', `${spec.name}: cannot run ${spec.command}: ${cause.message}`, { cause }),
        ),
      );
    });
    child.unref();
    child.stdin?.on('error', () => undefined);
    return child;
  } finally {
    await log.close();
  }
}

async function untilReady(server: {
  readonly spec: ChildServerSpec;
  readonly pid: number;
  readonly crashed: Promise<LocalStackError>;
}): Promise<void> {
  const { spec, pid, crashed } = server;
  let crash: LocalStackError | undefined;
  const watch = crashed.then((error) => {
    crash = error;
  });
  const condition = async () => crash !== undefined || ((await spec.isReady()) && (await holdsPort(pid, spec.port)));
  const isReady = await waitUntil({ condition, withinMs: spec.readyWithinMs, signal: spec.signal });
  if (crash !== undefined) throw crash;
  if (!isReady) throw await failure(spec, `does not answer after ${Math.round(spec.readyWithinMs / 1_000)} s`);
  // Later crashes are the holder's to watch; this one must not turn into an unhandled rejection.
  watch.catch(() => undefined);
}

/** Whether the answer on the port is the process's own; a listener that this user may not see counts as its own. */
async function holdsPort(pid: number, port: number | undefined): Promise<boolean> {
  const listener = port === undefined ? undefined : await findListener(port);
  return listener === undefined || listener.pid === pid;
}

async function failure(spec: ChildServerSpec, what: string): Promise<LocalStackError> {
  const log = await readFile(spec.logFile, 'utf8').catch(() => '');
  const tail = log.slice(-LOG_TAIL_BYTES).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  const shown = tail === '' ? 'Its log is empty' : `Its last lines:\n${tail}`;
  const code = PORT_IN_USE.test(log) ? 'port-taken' : 'server-failed';
  return new LocalStackError(code, `${spec.name} ${what}. ${shown}\nFull log: ${spec.logFile}`);
}
