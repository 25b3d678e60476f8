import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config.js';
import { type ChildServer, startChildServer } from './child-server.js';
import { answersOk } from './http-ready.js';
import type { ProcessIdentity } from './process-identity.js';

/** The configuration file, under the server's folder, that names this server and nothing else. */
export const TEMPORAL_CONFIG_NAME = 'temporal.toml';

/** What a Temporal dev server needs to start. */
export interface TemporalServerOptions {
  /** Path of the `temporal` CLI. */
  readonly binary: string;
  readonly folder: string;
  readonly logFile: string;
  readonly port: number;
  readonly uiPort: number;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onSpawn: (identity: ProcessIdentity) => Promise<void>;
}

/**
 * Without these the dev server hands out sequential activities at about 100 ms each; with them at about 10 ms
 * (measured on server 1.29).
 */
const LOW_LATENCY = [
  '--dynamic-config-value=history.transferProcessorMaxPollRPS=2000',
  '--sqlite-pragma=journal_mode=WAL',
  '--sqlite-pragma=synchronous=NORMAL',
];

/** Starts the dev server with its Web UI on 127.0.0.1; its runs survive restarts in `folder`. Ready when its namespace is. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<ChildServer> {
  await mkdir(options.folder, { recursive: true });
  const profile = `[profile.default]\naddress = "127.0.0.1:${options.port}"\nnamespace = "default"\n`;
  await writeFile(join(options.folder, TEMPORAL_CONFIG_NAME), profile);
  return startChildServer({
    name: 'Temporal',
    command: options.binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1'],
      ...['--port', String(options.port), '--ui-port', String(options.uiPort)],
      ...['--db-filename', join(options.folder, 'temporal.db'), '--log-level', 'error', ...LOW_LATENCY],
      // A profile or an API key for another Temporal must not reach this one.
      '--disable-config-file',
      '--disable-config-env',
    ],
    cwd: options.folder,
    environment: options.environment,
    logFile: options.logFile,
    port: options.port,
    isReady: () => answersOk(`http://127.0.0.1:${options.uiPort}/api/v1/namespaces/default`),
    readyWithinMs: 60_000,
    stopWithinMs: 10_000,
    signal: options.signal,
    onSpawn: options.onSpawn,
  });
}
