import { spawn } from 'node:child_process';
import { PROJECT_ROOT } from '../../../src/config.js';

/** What a program left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is running. */
export interface Running {
  readonly finished: Promise<Finished>;
  /** Both streams so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
}

/** Starts a program in the project's folder with exactly this environment. */
export function startProgram(request: {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd?: string;
}): Running {
  const child = spawn(request.command, request.args, {
    cwd: request.cwd ?? PROJECT_ROOT,
    env: request.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { finished, output: () => stdout + stderr, signal: (name) => child.kill(name) };
}

/** `starshift` from the sources, as its own process. */
export function startStarshift(args: readonly string[], environment: NodeJS.ProcessEnv): Running {
  const command = process.execPath;
  return startProgram({ command, args: ['--import', 'tsx', 'src/cli.ts', ...args], environment });
}
