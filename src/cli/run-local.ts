import { join } from 'node:path';
import { type Environment, processEnvironment, readConfig } from '../config.js';
import { withoutOwnStack } from '../local-stack/own-environment.js';
import type { RequestedPorts } from '../local-stack/ports.js';
import { type LocalStack, startLocalStack } from '../local-stack/start-local-stack.js';
import { EXIT, type ExitCode } from './cli-error.js';
import { connect } from './connect.js';
import { type DemoData, inspectData } from './demo/demo-data.js';
import { stackLines } from './demo/stack-lines.js';
import { uploadData } from './demo/upload-data.js';
import { keepWorker } from './kept-worker.js';
import { stackGuide } from './stack-guide.js';
import { stopSignal } from './stop-signal.js';
import { openTerminal, type Terminal } from './terminal.js';

/** What `starshift local` was asked for. */
export interface LocalRequest {
  /** Folder to put into the local S3. @default a generated sample */
  readonly data?: string;
  readonly ports: RequestedPorts;
  /** Start a worker as well. */
  readonly worker: boolean;
  readonly json: boolean;
}

interface Part {
  readonly crashed: Promise<Error>;
  stop(): Promise<void>;
}

/** Holds the local stack and a worker up until a stop signal; nothing is left running when it returns. */
export async function runLocal(request: LocalRequest): Promise<ExitCode> {
  const environment = withoutOwnStack(processEnvironment());
  const { stateDir } = readConfig(environment);
  const terminal = openTerminal(environment);
  const signal = stopSignal();
  const running: Part[] = [];
  const given = request.data === undefined ? undefined : await inspectData(request.data);
  try {
    const stack = await startLocalStack({
      ...{ stateDir, environment, signal, ports: request.ports },
      onProgress: stackLines(terminal),
    });
    running.push(stack);
    await serve({ request, stack, environment, signal, terminal, given, running });
    announce({ request, stack, terminal });
    await untilStopped(signal, running);
    return EXIT.done;
  } catch (error) {
    if (!signal.aborted) throw error;
    return EXIT.done;
  } finally {
    terminal.settle();
    await stopAll(running, terminal);
  }
}

interface Serving {
  readonly request: LocalRequest;
  readonly stack: LocalStack;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly given: DemoData | undefined;
  readonly running: Part[];
}

/** The worker and the data that the files in examples/ name. Waits for both, so that nothing is started behind the clean-up's back. */
async function serve(serving: Serving): Promise<void> {
  const { request, running } = serving;
  const worker = request.worker ? startWorker(serving).then((part) => running.push(part)) : Promise.resolve(0);
  const work = [worker, uploadData({ ...serving, keepOther: true })] as const;
  await Promise.allSettled(work);
  await Promise.all(work);
}

async function startWorker(context: {
  readonly stack: LocalStack;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}): Promise<Part> {
  const { stack, signal, terminal } = context;
  const environment = { ...context.environment, ...stack.environment };
  const config = readConfig(environment);
  const { uiUrl, binary } = stack.temporal;
  const session = await connect({ config, environment, uiUrl, temporalBinary: binary });
  const logFile = join(stack.stateDir, 'logs', 'worker.log');
  const { client } = session;
  const { taskQueue } = config;
  try {
    const worker = await keepWorker({ environment, client, taskQueue, logFile, signal, say: terminal.say });
    terminal.say(`worker: polls task queue ${taskQueue}, log ${logFile}`);
    // The connection is asked again when the worker has to be replaced.
    return { crashed: worker.crashed, stop: () => worker.stop().finally(() => session.close()) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function announce(context: {
  readonly request: LocalRequest;
  readonly stack: LocalStack;
  readonly terminal: Terminal;
}): void {
  const { request, stack, terminal } = context;
  const { temporal, s3, redshift, stateDir } = stack;
  if (request.json) {
    terminal.result(JSON.stringify({ temporal, s3, redshift, environment: stack.environment, stateDir }, null, 2));
  }
  terminal.say(stackGuide(stack).join('\n'));
}

async function untilStopped(signal: AbortSignal, running: readonly Part[]): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // A promise keeps no process alive; the servers are unreferenced on purpose.
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    const crash = await Promise.race([stopped, ...running.map(({ crashed }) => crashed)]);
    if (crash !== undefined) throw crash;
  } finally {
    clearInterval(keepAlive);
  }
}

/** The worker first, so that it can tell Temporal what it gives up. */
async function stopAll(running: Part[], terminal: Terminal): Promise<void> {
  if (running.length === 0) return;
  terminal.say('Stopping ...');
  for (const part of running.splice(0).reverse()) await part.stop();
  terminal.say('Stopped; nothing is left running.');
}
