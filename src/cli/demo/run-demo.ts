import { join } from 'node:path';
import { type Config, type Environment, processEnvironment, readConfig } from '../../config.js';
import { withoutOwnStack } from '../../local-stack/own-environment.js';
import type { RequestedPorts } from '../../local-stack/ports.js';
import { type LocalStack, startLocalStack } from '../../local-stack/start-local-stack.js';
import { EXIT, type ExitCode } from '../cli-error.js';
import { connect, type Session } from '../connect.js';
import { followRun, reportOutcome } from '../follow-run.js';
import { shellQuote } from '../format.js';
import { type KeptWorker, keepWorker } from '../kept-worker.js';
import { loadWarehouseFolder, requireDesign } from '../plan.js';
import { stopSignal } from '../stop-signal.js';
import { openTerminal, type Terminal } from '../terminal.js';
import type { RunOutcome } from '../watch-run.js';
import { type DemoData, inspectData } from './demo-data.js';
import { DEMO_WAREHOUSE, DEMO_WORKFLOW_ID, startOrContinue } from './demo-run.js';
import { nextCommands, uiLines } from './next-commands.js';
import { stackLines } from './stack-lines.js';
import { uploadData } from './upload-data.js';

/** What `starshift demo` was asked for. */
export interface DemoRequest {
  /** @default a generated sample */
  readonly data?: string;
  readonly ports: RequestedPorts;
  /** @default the warehouse's own */
  readonly design?: string;
  /** Stop after the run. */
  readonly exit: boolean;
  readonly json: boolean;
}

interface Demo {
  readonly request: DemoRequest;
  readonly config: Config;
  readonly environment: Environment;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Everything that runs, in the order in which it was started. */
  readonly running: { stop(): Promise<void> }[];
}

/** Builds the demo warehouse on a stack of its own; everything it started is stopped when it returns. */
export async function runDemo(request: DemoRequest): Promise<ExitCode> {
  const environment = withoutOwnStack(processEnvironment());
  const config = readConfig(environment);
  const terminal = openTerminal(environment);
  const demo: Demo = { request, config, environment, terminal, signal: stopSignal(), running: [] };
  const given = await checkRequest(demo);
  try {
    return await runOnStack(demo, given);
  } catch (error) {
    if (!demo.signal.aborted) throw error;
    terminal.settle();
    terminal.say('Stopped.');
    return EXIT.interrupted;
  } finally {
    await stopAll(demo);
  }
}

/** What can be known to be wrong before anything starts. */
async function checkRequest({ request, config }: Demo): Promise<DemoData | undefined> {
  const warehouse = await loadWarehouseFolder(config.warehousesDir, DEMO_WAREHOUSE);
  await requireDesign(warehouse, request.design);
  return request.data === undefined ? undefined : await inspectData(request.data);
}

async function runOnStack(demo: Demo, given: DemoData | undefined): Promise<ExitCode> {
  const { terminal, signal, request } = demo;
  const stack = await startStack(demo);
  const session = await openSession(demo, stack);
  try {
    const uploading = uploadData({ given, keepOther: false, stack, terminal, signal });
    const [worker, data] = await allOrFirstFailure([startWorker(demo, session), uploading]);
    const crashed = Promise.race([stack.crashed, worker.crashed]);
    const handle = await startOrContinue({
      client: session.client,
      taskQueue: session.config.taskQueue,
      demo: { design: request.design, region: stack.s3.region, fingerprint: data.fingerprint },
      say: terminal.say,
    });
    terminal.say(uiLines(session).join('\n'));
    const outcome = await orCrash(followRun({ session, handle, terminal, signal }), crashed);
    const { runId } = await handle.describe();
    const exitCode = report({ demo, session, outcome, runId });
    if (outcome.kind !== 'interrupted' && !request.exit) await stayUp({ demo, session, crashed });
    return exitCode;
  } finally {
    await session.close();
  }
}

async function startStack({ request, config, environment, signal, terminal, running }: Demo): Promise<LocalStack> {
  const { stateDir } = config;
  const onProgress = stackLines(terminal);
  const stack = await startLocalStack({ stateDir, environment, ports: request.ports, signal, onProgress });
  running.push(stack);
  return stack;
}

/** Unlike Promise.all it waits for what still goes on before it throws, so that nothing is started behind the clean-up's back. */
async function allOrFirstFailure<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function openSession(demo: Demo, stack: LocalStack): Promise<Session> {
  const environment = { ...demo.environment, ...stack.environment };
  const { uiUrl, binary } = stack.temporal;
  return connect({ config: readConfig(environment), environment, uiUrl, temporalBinary: binary });
}

async function startWorker(demo: Demo, session: Session): Promise<KeptWorker> {
  const worker = await keepWorker({
    environment: session.environment,
    client: session.client,
    taskQueue: session.config.taskQueue,
    logFile: join(demo.config.stateDir, 'logs', 'worker.log'),
    signal: demo.signal,
    say: demo.terminal.say,
  });
  demo.running.push(worker);
  return worker;
}

async function orCrash<T>(work: Promise<T>, crashed: Promise<Error>): Promise<T> {
  return Promise.race([
    work,
    crashed.then((error) => {
      throw error;
    }),
  ]);
}

function report(context: {
  readonly demo: Demo;
  readonly session: Session;
  readonly outcome: RunOutcome;
  readonly runId: string;
}): ExitCode {
  const { demo, session, outcome, runId } = context;
  const { terminal, request } = demo;
  if (outcome.kind === 'interrupted') {
    terminal.say('\nStopping. The next start goes on with this run.');
    return EXIT.interrupted;
  }
  const exitCode = reportOutcome({
    ...{ outcome, workflowId: DEMO_WORKFLOW_ID, runId, session, terminal, json: request.json },
  });
  if (outcome.kind === 'parked' && request.exit) {
    const asked = flags(request, ['data', 'design']);
    terminal.say(
      `\nThis stack stops now. Start it again to answer: npx starshift local${flags(request, ['data'])}. Or mend the cause and start again: npm start${asked === '' ? '' : ` --${asked}`}`,
    );
  }
  return exitCode;
}

/** A start without the same data and design would terminate the run that waits. */
function flags(request: DemoRequest, names: readonly ('data' | 'design')[]): string {
  const given = names.flatMap((name) =>
    request[name] === undefined ? [] : [` --${name} ${shellQuote(request[name])}`],
  );
  return given.join('');
}

async function stayUp(context: { readonly demo: Demo; readonly session: Session; readonly crashed: Promise<Error> }) {
  const { demo, session, crashed } = context;
  const { terminal, signal } = demo;
  terminal.say(['', ...uiLines(session), ...nextCommands(session), '', 'Everything stays up until Ctrl-C.'].join('\n'));
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // A promise keeps no process alive; the servers are unreferenced on purpose.
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    await orCrash(stopped, crashed);
  } finally {
    clearInterval(keepAlive);
  }
}

async function stopAll({ running, terminal }: Demo): Promise<void> {
  if (running.length === 0) return;
  terminal.say('Stopping the worker and the local stack ...');
  for (const part of running.splice(0).reverse()) await part.stop();
  terminal.say('Stopped; nothing is left running.');
}
