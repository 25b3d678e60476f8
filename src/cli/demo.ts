import { Command } from 'commander';
import { addPortOptions, type PortOptions, requestedPorts } from './port-options.js';

interface DemoOptions extends PortOptions {
  readonly data?: string;
  readonly design?: string;
  readonly exit?: boolean;
  readonly json?: boolean;
}

/** `starshift demo`, which `npm start` runs: the whole job on this machine. */
export function demoCommand(): Command {
  const command = new Command('demo')
    .summary('build the sparkify warehouse on this machine (npm start)')
    .description(
      'Starts Temporal, S3, a local Redshift and a worker, uploads the data, builds the sparkify warehouse and shows the run.\nOn a terminal it stays up until Ctrl-C, which stops everything it started.',
    );
  return addPortOptions(command)
    .option('--data <dir>', 'folder with log_data/, song_data/ and log_json_path.json (default: a generated sample)')
    .option('--design <name>', 'how the tables are distributed and sorted (default: by-song)')
    .option('--exit', 'stop after the run (default without a terminal)')
    .option('--no-exit', 'stay up until Ctrl-C or SIGTERM')
    .option('--json', "print the run's result as one JSON document on stdout")
    .addHelpText(
      'after',
      `
Examples:
  npm start
  npm start -- --design by-user --exit
  npm start -- --data ../music --json > result.json
Exit code: 0 the run completed, 1 it failed or waits for an answer, 2 wrong usage, 130 interrupted during the run.`,
    )
    .action(async (options: DemoOptions) => {
      const isTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
      const { runDemo } = await import('./demo/run-demo.js');
      const { data, design, json } = options;
      process.exitCode = await runDemo({
        ...{ ports: requestedPorts(options), exit: options.exit ?? !isTerminal, json: json === true },
        ...(data === undefined ? {} : { data }),
        ...(design === undefined ? {} : { design }),
      });
    });
}
