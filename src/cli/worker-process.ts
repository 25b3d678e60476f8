import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { type Environment, PROJECT_ROOT } from '../config.js';
import { type ChildServer, startChildServer } from '../local-stack/child-server.js';
import { listPollers } from './task-queue-pollers.js';

/** Where and for whom a worker process runs. */
export interface WorkerProcessOptions {
  /** The whole environment of the process: a local stack's over our own. */
  readonly environment: Environment;
  /** Of the Temporal that the worker polls. */
  readonly client: Client;
  readonly taskQueue: string;
  readonly logFile: string;
  readonly signal?: AbortSignal | undefined;
}

/** Compiled beside this file; from sources, Node runs the TypeScript with the loader it was started with. */
const SOURCE = import.meta.url.endsWith('.ts');
const CLI = fileURLToPath(new URL(SOURCE ? '../cli.ts' : '../cli.js', import.meta.url));

/** Longer than the worker's own grace for running activities, so that it can end them in order. */
const STOP_WITHIN_MS = 20_000;

/**
 * Starts `starshift worker` as a process of its own and waits until it polls the task queue.
 * @throws LocalStackError server-failed with the end of its log when it ends or does not poll in time
 */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<ChildServer> {
  const { client, taskQueue, environment, logFile, signal } = options;
  let pid = 0;
  return startChildServer({
    name: 'worker',
    command: process.execPath,
    args: [...(SOURCE ? ['--import', 'tsx'] : []), ...sourceMaps(), CLI, 'worker'],
    cwd: PROJECT_ROOT,
    environment,
    logFile,
    // Other workers may poll the same queue: only this process's own poll counts.
    isReady: async () => (await listPollers(client, taskQueue)).some((identity) => identity.startsWith(`${pid}@`)),
    readyWithinMs: 60_000,
    stopWithinMs: STOP_WITHIN_MS,
    signal,
    onSpawn: async (identity) => {
      pid = identity.pid;
    },
  });
}

/** Stack traces that name the TypeScript lines, where the sources are at hand. */
function sourceMaps(): readonly string[] {
  return existsSync(`${PROJECT_ROOT}src`) ? ['--enable-source-maps'] : [];
}
