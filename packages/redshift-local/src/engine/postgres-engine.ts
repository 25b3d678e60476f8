import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from './free-port.js';
import { endOrphanBackends } from './orphan-backends.js';
import { executable } from './postgres-binaries.js';
import type { PostgresHome } from './postgres-home.js';
import { postgresSettings } from './postgres-settings.js';
import { readPostmasterFile, stopOrphan } from './postmaster-file.js';
import { guardPostmaster, type PostmasterGuard } from './postmaster-guard.js';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const FAST_SHUTDOWN_MS = 5_000;
const START_ATTEMPTS = 3;
const ORPHAN_CHECK_MS = 100;
/** A log that has grown past this is started anew. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** What one PostgreSQL instance needs. */
export interface PostgresEngineOptions {
  readonly home: PostgresHome;
  /** An initialised data folder that no other instance uses. */
  readonly dataDir: string;
  /** Where the server's log is appended. */
  readonly logFile: string;
  log(line: string): void;
  /** Called when the server ends without `stop()` having been called. */
  onUnexpectedExit?(reason: string): void;
}

/** One PostgreSQL server on a free port of 127.0.0.1, owned by this process: it never outlives it. */
export class PostgresEngine {
  readonly #options: PostgresEngineOptions;
  #child: ChildProcess | undefined;
  #guard: PostmasterGuard | undefined;
  #exited: Promise<string> = Promise.resolve('never started');
  #stopping = false;
  #port = 0;

  constructor(options: PostgresEngineOptions) {
    this.#options = options;
  }

  /** How to reach the server: its address and the superuser. Meaningful after `start()`. */
  get backend(): { readonly host: string; readonly port: number; readonly superuser: PostgresHome['superuser'] } {
    return { host: HOST, port: this.#port, superuser: this.#options.home.superuser };
  }

  /** Starts the server and waits until it accepts connections; first stops one that a killed process left behind. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`PostgreSQL in ${this.#options.dataDir} is already running`);
    const { dataDir, log } = this.#options;
    if ((await stopOrphan(dataDir)) === 'stopped') log(`stopped a PostgreSQL left behind in ${dataDir}`);
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (let attempt = 1; ; attempt += 1) {
      this.#port = await findFreePort(HOST);
      this.#spawn();
      try {
        await this.#untilReady();
        return;
      } catch (error) {
        await this.stop();
        const log = this.#lastLogLines();
        // Sessions of a postmaster that was killed are still there.
        if (log.includes('pre-existing shared memory block') && Date.now() < deadline) {
          await endOrphanBackends(dataDir);
          await delay(ORPHAN_CHECK_MS);
          attempt = 0;
          continue;
        }
        // Somebody else may have taken the port between the look and the bind.
        if (!log.includes('could not bind') || attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  /** Ends all sessions and the server, waiting until it is gone. Does nothing when it is not running. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#stopping = true;
    if (process.platform === 'win32') this.#pgCtlStop();
    else child.kill('SIGINT');
    const patience = new AbortController();
    const late = delay(FAST_SHUTDOWN_MS, 'late', { signal: patience.signal }).catch(() => 'late');
    if ((await Promise.race([this.#exited, late])) === 'late') child.kill('SIGQUIT');
    await this.#exited;
    patience.abort();
    this.#guard?.release();
    this.#child = undefined;
    this.#stopping = false;
  }

  /** Opens a superuser connection; the caller ends it. */
  async connect(database: string): Promise<pg.Client> {
    const { host, port, superuser } = this.backend;
    const client = new pg.Client({ host, port, database, user: superuser.user, password: superuser.password });
    // An idle connection reports the server's shutdown here; whoever runs a query learns of it from the query.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  #spawn(): void {
    const { home, dataDir, logFile } = this.#options;
    const settings = Object.entries(postgresSettings(this.#port)).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const tooLong = (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES;
    const logFd = openSync(logFile, tooLong ? 'w' : 'a', 0o600);
    const child = spawn(executable(home.binaries, 'postgres'), ['-D', dataDir, ...settings], {
      cwd: path.parse(dataDir).root,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', logFd, logFd],
      // Its own process group: Ctrl-C in a terminal reaches us, and we stop it in order.
      detached: true,
      ...(home.account && { uid: home.account.uid, gid: home.account.gid }),
    });
    closeSync(logFd);
    this.#child = child;
    this.#guard = guardPostmaster(child);
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    this.#exited.then((reason) => this.#onExit(child, reason));
  }

  #onExit(child: ChildProcess, reason: string): void {
    if (this.#stopping || this.#child !== child) return;
    this.#guard?.release();
    this.#child = undefined;
    this.#options.onUnexpectedExit?.(reason);
  }

  async #untilReady(): Promise<void> {
    const { dataDir } = this.#options;
    const child = this.#child;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (this.#child === child && Date.now() < deadline) {
      const file = await readPostmasterFile(dataDir);
      if (file?.pid === child?.pid && file?.status === 'ready') return;
      await Promise.race([delay(10), this.#exited]);
    }
    const why = this.#child === child ? `not ready after ${START_TIMEOUT_MS / 1000} s` : await this.#exited;
    throw new Error(`PostgreSQL in ${dataDir} did not start (${why}):\n${this.#lastLogLines()}`);
  }

  #lastLogLines(): string {
    try {
      return readFileSync(this.#options.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    } catch {
      return `(no log in ${this.#options.logFile})`;
    }
  }

  #pgCtlStop(): void {
    const { home, dataDir } = this.#options;
    spawn(executable(home.binaries, 'pg_ctl'), ['stop', '-m', 'fast', '-D', dataDir], { stdio: 'ignore' });
  }
}
