import { CommanderError } from 'commander';
import { type Output, serve } from './cli/serve.js';
import { readSettings, type Settings } from './cli/settings.js';
import { stopRequest } from './cli/stop-request.js';
import { SetupError } from './engine/setup-error.js';

const output: Output = {
  print: (text) => void process.stdout.write(`${text}\n`),
  log: (line) => void process.stderr.write(`redshift-local: ${line}\n`),
};

/** Runs the command line and returns its exit status: 0 stopped in order, 1 failed, 2 something to put right first. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const settings: Settings = readSettings(args, process.env);
    await serve(settings, output, stopRequest(settings));
    return 0;
  } catch (error) {
    // Commander has already written its message; --help and --version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof SetupError) {
      output.log(error.message);
      return 2;
    }
    output.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

process.exit(await main(process.argv.slice(2)));
