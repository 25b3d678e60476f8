import { Command } from 'commander';
import { adoptEnvironment, readWorkerConfig } from '../config.js';
import { findDestination } from './connect.js';

/** `starshift worker`: runs a worker until it is stopped. */
export function workerCommand(): Command {
  return new Command('worker')
    .summary('run a worker')
    .description(
      'Works on runs until Ctrl-C or SIGTERM, which let running activities end. Settings come from the environment; see README.',
    )
    .addHelpText(
      'after',
      `
Examples:
  starshift worker
  TEMPORAL_PROFILE=production AWS_REGION=eu-central-1 starshift worker`,
    )
    .action(async () => {
      const { environment } = await findDestination();
      // The AWS SDK reads its own settings; a local stack that was found has to be where it looks.
      const config = readWorkerConfig(adoptEnvironment(environment));
      const { runWorker } = await import('../worker.js');
      await runWorker(config);
    });
}
