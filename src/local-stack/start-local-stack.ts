import type { Environment } from '../config.js';
import type { ChildServer } from './child-server.js';
import { removeEnvironmentFile, writeEnvironmentFile } from './environment-file.js';
import { type ExistingTemporal, findExistingTemporal } from './existing-temporal.js';
import { type FileLock, tryLock } from './file-lock.js';
import { launchServers } from './launch-servers.js';
import { LocalStackError } from './local-stack-error.js';
import type { RequestedPorts, StackPort } from './ports.js';
import { provideServers } from './provide-servers.js';
import { readRunningStack, StackRecorder, stopLeftovers } from './running-stack.js';
import type { OnStackEvent } from './stack-event.js';
import { chooseStackPorts } from './stack-ports.js';
import { removeStackRecord, type StackAddresses } from './stack-record.js';
import { prepareStateDirectory, type StateFolders } from './state-directory.js';

/** How to start a local stack. */
export interface LocalStackOptions {
  /** Where the servers keep their state, logs and the record of what runs: `config.stateDir`. */
  readonly stateDir: string;
  /** Read for TEMPORAL_ADDRESS, STARSHIFT_CACHE_DIR and PATH, and passed on to the servers. */
  readonly environment: Environment;
  /** @default the preferred ports, or the next free ones */
  readonly ports?: RequestedPorts;
  /** Which servers to start; addresses of what is left out are empty strings. @default all of them */
  readonly parts?: { readonly temporal?: boolean; readonly s3?: boolean; readonly redshift?: boolean };
  /** @default us-west-2 */
  readonly region?: string;
  readonly onProgress?: OnStackEvent;
  /** Gives up starting and stops what was started. After the start, call `stop()`. */
  readonly signal?: AbortSignal | undefined;
}

/** A stack that this process holds up. */
export interface LocalStack extends StackAddresses {
  readonly stateDir: string;
  /** Resolves with the reason when a server ends without having been asked to; else never. */
  readonly crashed: Promise<LocalStackError>;
  /** Stops redshift-local, Temporal and S3, in this order; harmless when called again. Stop the worker first. */
  stop(): Promise<void>;
}

const DEFAULT_REGION = 'us-west-2';
const LAUNCH_ATTEMPTS = 3;

/**
 * Starts Temporal with its Web UI, S3 and redshift-local on 127.0.0.1, in parallel, and waits until all of them serve. The servers'
 * programs are looked for, downloaded or built once. Servers that a killed run left behind in `stateDir` are stopped first.
 * @throws LocalStackError already-running, port-taken, binary-unavailable, server-failed, state-unusable, unreachable; nothing is
 *   left running then
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const onProgress = options.onProgress ?? (() => undefined);
  const folders = await prepareStateDirectory(options.stateDir);
  const lock = await lockStack(options.stateDir, folders);
  const started: ChildServer[] = [];
  const stopAll = async () => {
    await stopInOrder(started);
    await removeStackRecord(options.stateDir);
    await removeEnvironmentFile(options.stateDir);
    await lock.release();
  };
  try {
    const leftovers = await stopLeftovers(options.stateDir);
    if (leftovers.length > 0) say(onProgress, `stopped what an earlier run left behind: ${leftovers.join(', ')}`);
    const { addresses, servers } = await bringUp({ options, folders, onProgress, started });
    return {
      ...addresses,
      stateDir: options.stateDir,
      crashed: Promise.race(servers.map((server) => server.crashed)),
      stop: once(stopAll),
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function bringUp(context: {
  readonly options: LocalStackOptions;
  readonly folders: StateFolders;
  readonly onProgress: OnStackEvent;
  readonly started: ChildServer[];
}) {
  const { options, folders, onProgress, started } = context;
  const parts = { temporal: true, s3: true, redshift: true, ...options.parts };
  const existing: ExistingTemporal | undefined = parts.temporal
    ? await findExistingTemporal(options.environment)
    : undefined;
  const ours = { ...parts, temporal: parts.temporal && existing === undefined };
  const wanted = wantedPorts(ours);
  const requested = options.ports ?? {};
  const onMoved = (message: string): void => say(onProgress, message);
  // Asked for and taken is said before minutes go into building a server; free ports are chosen when they are about to be used.
  const explicit = wanted.filter((port) => requested[port] !== undefined);
  await chooseStackPorts({ wanted: explicit, requested, onMoved });
  const { environment, signal } = options;
  const binaries = await provideServers({ parts: ours, environment, signal, onProgress });
  const recorder = await StackRecorder.create(options.stateDir);
  const addresses = await whilePortsAreLost({ onProgress, started }, async () =>
    launchServers({
      ...{ parts, existing, binaries, folders, recorder, started, onProgress },
      ports: await chooseStackPorts({ wanted, requested, onMoved }),
      ...{ environment, signal },
      region: options.region ?? DEFAULT_REGION,
    }),
  );
  signal?.throwIfAborted();
  await recorder.setAddresses(addresses);
  await writeEnvironmentFile(options.stateDir, addresses);
  return { addresses, servers: started };
}

/** Between choosing a free port and binding it another process may take it, for instance a second stack that starts: choose anew. */
async function whilePortsAreLost<T>(
  context: { readonly onProgress: OnStackEvent; readonly started: ChildServer[] },
  launch: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch();
    } catch (error) {
      const isLost = error instanceof LocalStackError && error.code === 'port-taken';
      if (!isLost || attempt === LAUNCH_ATTEMPTS) throw error;
      say(context.onProgress, 'somebody else took a port meanwhile; choosing ports again');
      await stopInOrder(context.started.splice(0));
    }
  }
}

/** @throws LocalStackError already-running, with what a person needs to use or stop that stack */
async function lockStack(stateDir: string, folders: StateFolders): Promise<FileLock> {
  const outcome = await tryLock(folders.lock);
  if ('release' in outcome) return outcome;
  const running = await readRunningStack(stateDir);
  const where =
    running === undefined ? 'it is still starting' : `Temporal Web UI ${running.temporal.uiUrl ?? 'not found'}`;
  throw new LocalStackError(
    'already-running',
    `The local stack in ${stateDir} is already running (process ${outcome.pid}; ${where}). Use it, stop it with Ctrl-C in its terminal or \`kill ${outcome.pid}\`, or give another folder with STARSHIFT_STATE_DIR.`,
  );
}

function wantedPorts(parts: {
  readonly temporal: boolean;
  readonly s3: boolean;
  readonly redshift: boolean;
}): StackPort[] {
  return [
    ...(parts.temporal ? (['temporal', 'ui'] as const) : []),
    ...(parts.s3 ? (['s3'] as const) : []),
    ...(parts.redshift ? (['controlPlane', 'redshift'] as const) : []),
  ];
}

/** Clusters read from S3 and have clients in runs: they go first, S3 last. */
const STOP_ORDER = ['redshift-local', 'Temporal', 'S3'];

async function stopInOrder(servers: readonly ChildServer[]): Promise<void> {
  const ordered = [...servers].sort((a, b) => STOP_ORDER.indexOf(a.name) - STOP_ORDER.indexOf(b.name));
  for (const server of ordered) await server.stop();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

function say(onProgress: OnStackEvent, message: string): void {
  onProgress({ part: 'stack', message, ongoing: false });
}
