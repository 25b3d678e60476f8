import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** One run of the command line. */
export class ProgramRun {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown[]>;

  /** Starts the program, with a standard input that stays open until `child.stdin` is ended. */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_REGION: ___, ...inherited } = process.env;
    this.child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
      env: { ...inherited, ...environment },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.#closed = once(this.child, 'close');
  }

  /** The exit status, once it has ended. */
  async exit(): Promise<number | null> {
    const [status] = await this.#closed;
    return status as number | null;
  }

  /** The first match in its standard output; fails when it ends without one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      const output = this.child.stdout;
      if (output === null) throw new Error('no standard output');
      const ended = this.#closed.then(() => 'ended');
      if ((await Promise.race([once(output, 'data'), ended])) === 'ended' && !pattern.test(this.stdout)) {
        throw new Error(`ended without printing ${pattern}:\n${this.stderr}`);
      }
    }
  }
}
