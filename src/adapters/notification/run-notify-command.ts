import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { printable } from '../../domain/printable.js';
import { TerminalError, TransientError } from '../errors.js';
import type { NotifyCommand } from './notify-targets.js';

export interface NotifyCommandRequest {
  readonly command: NotifyCommand;
  /** JSON for the program's standard input, UTF-8. */
  readonly document: string;
  readonly signal: AbortSignal;
  /** @default 20 s */
  readonly withinMs?: number;
}

/** How a program that could be started ended. */
export interface NotifyCommandOutcome {
  readonly exitCode: number;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
}

const WITHIN_MS = 20_000;
const STDERR_TAIL = 2_000;

/**
 * Runs the program, with the document on its standard input. It leads a process group of its own, which is killed as a whole at the time
 * limit or when the attempt is cancelled: nothing that it started is left behind then.
 * @throws TerminalError notificationRefused when there is no such program
 * @throws TransientError notificationInterrupted when it exits with another code than 0, or takes too long
 */
export async function runNotifyCommand(request: NotifyCommandRequest): Promise<NotifyCommandOutcome> {
  const { command, document, signal, withinMs = WITHIN_MS } = request;
  const [program, ...args] = command.argv;
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(withinMs);
  const child = spawn(program, args, {
    env: command.environment,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const stop = () => killGroup(child.pid);
  const stopped = AbortSignal.any([signal, limit]);
  stopped.addEventListener('abort', stop, { once: true });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });
  // A program that does not read its input, or ends before it has, is within its rights.
  child.stdin.on('error', () => undefined);
  child.stdin.end(document);
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    const tail = printable(stderr.trim());
    if (code === 0) return { exitCode: 0, stderr: tail };
    const how = limit.aborted ? `did not end within ${withinMs / 1_000} s` : `ended with ${code ?? killedBy}`;
    throw interrupted(program, `${how}${tail === '' ? '' : `: ${tail}`}`);
  } catch (error) {
    if (isSpawnError(error)) throw notStarted(program, error);
    throw error;
  } finally {
    stopped.removeEventListener('abort', stop);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function isSpawnError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true;
}

function notStarted(program: string, cause: NodeJS.ErrnoException): TerminalError {
  return new TerminalError({
    kind: 'notificationRefused',
    message: `The notification command ${program} cannot be started (${cause.code}). Correct STARSHIFT_NOTIFY_COMMAND of the worker.`,
    resource: program,
    code: cause.code,
    cause,
  });
}

function interrupted(program: string, what: string): TransientError {
  return new TransientError({
    kind: 'notificationInterrupted',
    message: `The notification command ${program} ${what}`,
    resource: program,
  });
}
