import { setTimeout as delay } from 'node:timers/promises';
import type { ChildServer } from '../local-stack/child-server.js';
import { startWorkerProcess, type WorkerProcessOptions } from './worker-process.js';

/** A worker process that is replaced when it ends by itself. */
export interface KeptWorker {
  /** Resolves when it ends so often that starting it again is no help; never when it is stopped. */
  readonly crashed: Promise<Error>;
  stop(): Promise<void>;
}

/** How a worker is kept. */
export interface KeepWorkerOptions extends WorkerProcessOptions {
  readonly say: (text: string) => void;
}

const MOST_RESTARTS = 4;
const WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 500;

/**
 * Starts a worker process and waits until it polls; one that is killed or crashes later is started again, a few times a minute. Its runs
 * lose nothing: Temporal hands what it had at hand to the next one.
 * @throws LocalStackError server-failed when the first one cannot be started
 */
export async function keepWorker(options: KeepWorkerOptions): Promise<KeptWorker> {
  const stopping = new AbortController();
  const signal = options.signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, options.signal]);
  let current = await startWorkerProcess(options);
  let isRestarting = false;
  const keep = async (): Promise<Error> => {
    const restarts: number[] = [];
    for (;;) {
      const reason = await current.crashed;
      const now = performance.now();
      const recent = restarts.filter((at) => now - at < WITHIN_MS).length;
      if (recent >= MOST_RESTARTS) return reason;
      options.say(`The worker ended and is started again. ${firstLine(reason)}`);
      restarts.push(now);
      isRestarting = true;
      await delay(FIRST_PAUSE_MS * 2 ** recent, undefined, { signal });
      current = await restart({ ...options, signal });
      isRestarting = false;
      signal.throwIfAborted();
    }
  };
  const restart = async (request: WorkerProcessOptions): Promise<ChildServer> => {
    const started = await startWorkerProcess(request);
    options.say('The worker polls again.');
    return started;
  };
  const kept = keep();
  const crashed = new Promise<Error>((resolve) => {
    // Given up because we stop: nobody is to hear of it.
    kept.then(resolve, (error: unknown) => signal.aborted || resolve(error as Error));
  });
  const stop = async () => {
    stopping.abort();
    // A start that goes on ends with the signal.
    if (isRestarting) await kept.catch(() => undefined);
    await current.stop();
  };
  return { crashed, stop };
}

function firstLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
