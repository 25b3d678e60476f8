import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { listPollers } from '../src/cli/task-queue-pollers.js';
import { type Environment, PROJECT_ROOT } from '../src/config.js';
import { type ChildServer, startChildServer } from '../src/local-stack/child-server.js';
import { isRunning } from '../src/local-stack/process-identity.js';

/** Longer than the worker's own grace for running activities. */
const STOP_WITHIN_MS = 20_000;

/** A worker process of the harness's own, that can be killed, frozen and woken. */
export class FaultWorker {
  private constructor(
    private readonly child: ChildServer,
    readonly logFile: string,
  ) {}

  /** Starts the compiled worker, or the sources where nothing is compiled, and waits until it polls. */
  static async start(options: {
    readonly environment: Environment;
    readonly client: () => Client;
    readonly taskQueue: string;
    readonly logFile: string;
    /** Run src/ instead of dist/. */
    readonly sources: boolean;
  }): Promise<FaultWorker> {
    const { environment, client, taskQueue, logFile, sources } = options;
    let pid = 0;
    const child = await startChildServer({
      ...{ name: 'worker', command: process.execPath, args: program(sources), cwd: PROJECT_ROOT, environment, logFile },
      isReady: async () => {
        // Temporal itself may be down at the moment: asked again.
        const pollers = await listPollers(client(), taskQueue).catch(() => []);
        return pollers.some((identity) => identity.startsWith(`${pid}@`));
      },
      ...{ readyWithinMs: 60_000, stopWithinMs: STOP_WITHIN_MS },
      onSpawn: async (identity) => {
        pid = identity.pid;
      },
    });
    return new FaultWorker(child, logFile);
  }

  isRunning(): Promise<boolean> {
    return isRunning(this.child.identity);
  }

  kill(): void {
    this.#send('SIGKILL');
  }

  freeze(): void {
    this.#send('SIGSTOP');
  }

  wake(): void {
    this.#send('SIGCONT');
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  /** To one that has ended already: nothing. */
  #send(signal: NodeJS.Signals): void {
    try {
      process.kill(this.child.identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function program(sources: boolean): string[] {
  const compiled = join(PROJECT_ROOT, 'dist/cli.js');
  if (!sources && existsSync(compiled)) return ['--enable-source-maps', compiled, 'worker'];
  return ['--import', 'tsx', '--enable-source-maps', join(PROJECT_ROOT, 'src/cli.ts'), 'worker'];
}
