import { Command } from 'commander';
import { addPortOptions, type PortOptions, requestedPorts } from './port-options.js';

interface LocalOptions extends PortOptions {
  readonly data?: string;
  readonly worker: boolean;
  readonly json: boolean;
}

/** `starshift local`: the local stack and a worker, without a run. */
export function localCommand(): Command {
  const command = new Command('local')
    .summary('start the local stack and a worker')
    .description(
      'Starts Temporal with its Web UI, S3, a local Redshift and a worker on this machine, puts sample data into S3, prints the addresses\nand what to paste, and stays up until Ctrl-C, which stops all of them.',
    );
  return addPortOptions(command)
    .option('--data <dir>', 'folder with log_data/, song_data/ and log_json_path.json (default: a generated sample)')
    .option('--no-worker', 'start the servers only')
    .option(
      '--json',
      'print the addresses and variables as one JSON document on stdout (it holds the S3 secret)',
      false,
    )
    .addHelpText(
      'after',
      `
Examples:
  starshift local
  starshift local --temporal-port 17233 --ui-port 18233
  starshift local --no-worker          then, in another terminal: starshift worker
Exit code: 0 stopped by Ctrl-C, 1 a server could not be started or ended by itself, 2 wrong usage.
npx ends by the signal itself when Ctrl-C reaches it; scripts that want the code call node bin/starshift.mjs local.`,
    )
    .action(async (options: LocalOptions) => {
      const { runLocal } = await import('./run-local.js');
      process.exitCode = await runLocal({
        ports: requestedPorts(options),
        ...(options.data === undefined ? {} : { data: options.data }),
        worker: options.worker,
        json: options.json,
      });
    });
}
